-- What the links and codes of a change of address do: one of the two mailboxes agrees to it. A new
-- password comes from somebody who has the new mailbox and not the old password, and takes the
-- account over: its sessions end. Where another account has confirmed the address meanwhile, it is
-- that account's owner who has the mailbox, and nothing changes. Returns the outcome of
-- edgegate.complete_email_change.
CREATE OR REPLACE FUNCTION edgegate.agree_to_email_change(
    link edgegate.one_time_tokens, new_hash text, now timestamptz
) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    result text;
BEGIN
    UPDATE edgegate.users u SET
        email_change_current_at = CASE link.kind WHEN 'email_change_current' THEN now ELSE u.email_change_current_at END,
        email_change_new_at = CASE link.kind WHEN 'email_change_new' THEN now ELSE u.email_change_new_at END
    WHERE u.id = link.user_id AND u.new_email IS NOT NULL;
    result := edgegate.complete_email_change(link.user_id, now);
    IF link.kind = 'email_change_new' AND new_hash IS NOT NULL AND result <> 'taken' THEN
        UPDATE edgegate.users u SET password_hash = new_hash WHERE u.id = link.user_id;
        PERFORM edgegate.end_sessions(link.user_id, NULL, now);
    END IF;
    RETURN result;
END
$$;
