-- Issues a link to an account that there is not, queues its mail if a kind is given, and takes it
-- all back.
CREATE OR REPLACE FUNCTION edgegate.pretend(link_kind text, mail_kind text, links jsonb, drafts jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    stand_in uuid := gen_random_uuid();
BEGIN
    INSERT INTO edgegate.users (id, is_anonymous, app_metadata, user_metadata, locale, created_at, updated_at)
    VALUES (stand_in, true, '{}', '{}', 'en', at, at);
    PERFORM edgegate.issue_link(stand_in, link_kind, links, at);
    IF mail_kind IS NOT NULL THEN
        PERFORM edgegate.queue_mail(drafts, mail_kind, stand_in, 'nobody@invalid', 'en', at);
    END IF;
    RAISE EXCEPTION 'nobody sees this' USING ERRCODE = 'EG001';
EXCEPTION WHEN SQLSTATE 'EG001' THEN
    RETURN;
END
$$;
