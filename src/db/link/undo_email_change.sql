-- Takes a change of address back, whether it is under way or made: the owner of the old mailbox
-- says that it was somebody else. So everybody is signed out, the password is void, and so are
-- later links of this kind. Returns 'undone', or 'taken' if somebody else has confirmed the address
-- since.
CREATE OR REPLACE FUNCTION edgegate.undo_email_change(owner uuid, restores text, at timestamptz) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    outcome text := 'undone';
BEGIN
    DELETE FROM edgegate.users u
    WHERE u.email_key = lower(restores COLLATE "C") AND u.email_confirmed_at IS NULL AND u.id <> owner;
    BEGIN
        UPDATE edgegate.users u SET email = restores, updated_at = at WHERE u.id = owner;
    EXCEPTION WHEN unique_violation THEN
        outcome := 'taken';
    END;
    UPDATE edgegate.users u SET password_hash = NULL, updated_at = at WHERE u.id = owner;
    PERFORM edgegate.end_links(owner, at);
    -- Those that came after the link that was used are from whoever made the change, or from those
    -- it was made for.
    UPDATE edgegate.one_time_tokens t SET expires_at = least(t.expires_at, at)
    WHERE t.user_id = owner AND t.kind = 'email_change_undo' AND t.consumed_at IS NULL
        AND t.created_at >= (
            SELECT o.created_at
            FROM edgegate.one_time_tokens o
            WHERE o.user_id = owner
                AND o.kind = 'email_change_undo'
                AND lower(o.restores_email COLLATE "C") = lower(restores COLLATE "C")
        );
    PERFORM edgegate.end_sessions(owner, NULL, at);
    RETURN outcome;
END
$$;
