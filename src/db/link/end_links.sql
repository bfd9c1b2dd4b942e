-- Kills every link and code of an account that is still open, and what links were traded for; a
-- change of address under way ends. Not the link that takes a change of address back: it is for the
-- owner, against whoever made the change; so the mail that has it is still sent.
CREATE OR REPLACE FUNCTION edgegate.end_links(user_id uuid, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM edgegate.expire_links(end_links.user_id, NULL, now);
    PERFORM edgegate.drop_dead_mail(
        end_links.user_id,
        ARRAY['confirm_signup', 'sign_in', 'invite', 'recovery', 'email_change_new', 'reauthentication'],
        NULL,
        now
    );
    UPDATE edgegate.users u SET
        new_email = NULL,
        email_change_current_at = NULL,
        email_change_new_at = NULL
    WHERE u.id = end_links.user_id AND u.new_email IS NOT NULL;
END
$$;
