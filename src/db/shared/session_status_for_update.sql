-- Whether a session is good for a call that changes something, as edgegate.session_status says,
-- asked with the account's row locked: what ends all sessions of the account has done so by then,
-- or comes after it.
CREATE OR REPLACE FUNCTION edgegate.session_status_for_update(
    user_id uuid, session_id uuid, now timestamptz, idle_since timestamptz, request_id uuid
) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM FROM edgegate.users u WHERE u.id = session_status_for_update.user_id FOR NO KEY UPDATE;
    -- A statement of its own, so that it sees what was committed while we waited for the lock.
    RETURN edgegate.session_status(
        session_status_for_update.user_id, session_status_for_update.session_id, now, idle_since, request_id
    );
END
$$;
