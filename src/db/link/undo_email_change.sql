-- Takes a change of address back, whether it is under way or made: the owner of the old mailbox
-- says that it was somebody else. So everybody is signed out, the password is void, and so are
-- later links of this kind. Returns the outcome, 'undone', or 'taken' if somebody else has
-- confirmed the address since.
CREATE OR REPLACE FUNCTION edgegate.undo_email_change(link edgegate.one_time_tokens, now timestamptz) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    result text := 'undone';
BEGIN
    DELETE FROM edgegate.users u
    WHERE u.email_key = lower(link.restores_email COLLATE "C")
        AND u.email_confirmed_at IS NULL
        AND u.id <> link.user_id;
    BEGIN
        UPDATE edgegate.users u SET
            email = link.restores_email,
            updated_at = now
        WHERE u.id = link.user_id;
    EXCEPTION WHEN unique_violation THEN
        result := 'taken';
    END;
    UPDATE edgegate.users u SET
        password_hash = NULL,
        updated_at = now
    WHERE u.id = link.user_id;
    PERFORM edgegate.end_links(link.user_id, now);
    -- Those that came after the link that was used are from whoever made the change, or from those
    -- it was made for.
    UPDATE edgegate.one_time_tokens t SET expires_at = least(t.expires_at, now)
    WHERE t.user_id = link.user_id
        AND t.kind = 'email_change_undo'
        AND t.consumed_at IS NULL
        AND t.created_at >= link.created_at;
    PERFORM edgegate.end_sessions(link.user_id, NULL, now);
    RETURN result;
END
$$;
