-- Issues a link to an account that there is not, queues its mail if a kind is given, and takes it
-- all back: everything is done as it is for an account, so that the time it takes does not tell.
CREATE OR REPLACE FUNCTION edgegate.issue_dummy_link(
    link_kind text, mail_kind text, links jsonb, prepared_mails jsonb, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    dummy uuid := gen_random_uuid();
BEGIN
    INSERT INTO edgegate.users (id, is_anonymous, app_metadata, user_metadata, locale, created_at, updated_at)
    VALUES (dummy, true, '{}', '{}', 'en', now, now);
    PERFORM edgegate.issue_link(dummy, link_kind, links, now);
    IF mail_kind IS NOT NULL THEN
        PERFORM edgegate.queue_mail(prepared_mails, mail_kind, dummy, 'nobody@invalid', 'en', now);
    END IF;
    RAISE EXCEPTION 'the work on a dummy is taken back' USING ERRCODE = 'EG001';
EXCEPTION WHEN SQLSTATE 'EG001' THEN
    RETURN;
END
$$;
