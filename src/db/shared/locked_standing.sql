-- Whether a session is good for a call that changes something, as edgegate.standing says, asked
-- with the account's row locked: whatever ends all sessions of the account has done so, or comes
-- after it.
CREATE OR REPLACE FUNCTION edgegate.locked_standing(owner uuid, session_id uuid, at timestamptz, idle_since timestamptz, request_id uuid)
RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM FROM edgegate.users u WHERE u.id = owner FOR NO KEY UPDATE;
    -- A statement of its own, so that it sees what was committed while we waited for the lock.
    RETURN edgegate.standing(owner, session_id, at, idle_since, request_id);
END
$$;
