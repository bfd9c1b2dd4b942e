-- What the links and codes of a change of address do: one of the two mailboxes agrees to it. A new
-- password comes from somebody who has the new mailbox and not the old password, and takes the
-- account over: its sessions end. Returns the outcome of edgegate.complete_email_change.
CREATE OR REPLACE FUNCTION edgegate.agree_to_email_change(
    link edgegate.one_time_tokens, new_hash text, now timestamptz
) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF link.kind = 'email_change_current' THEN
        UPDATE edgegate.users u SET email_change_current_at = now WHERE u.id = link.user_id AND u.new_email IS NOT NULL;
        RETURN edgegate.complete_email_change(link.user_id, now);
    END IF;
    UPDATE edgegate.users u SET
        email_change_new_at = now,
        password_hash = coalesce(new_hash, u.password_hash)
    WHERE u.id = link.user_id AND u.new_email IS NOT NULL;
    IF new_hash IS NOT NULL THEN
        PERFORM edgegate.end_sessions(link.user_id, NULL, now);
    END IF;
    RETURN edgegate.complete_email_change(link.user_id, now);
END
$$;
