-- Begins a change of address of an account whose row the caller has locked: one under way before
-- gives way to it, and the links are mailed.
CREATE OR REPLACE FUNCTION edgegate.request_email_change(
    user_id uuid, new_email text, links jsonb, prepared_mails jsonb, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.users u SET
        new_email = request_email_change.new_email,
        email_change_current_at = NULL,
        email_change_new_at = NULL
    WHERE u.id = request_email_change.user_id;
    PERFORM edgegate.mail_email_change(request_email_change.user_id, links, prepared_mails, now);
END
$$;
