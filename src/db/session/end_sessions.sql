-- Ends every session of an account but one (or none, for null), which goes on under the password of
-- now. Returns those that it ended; sent again, the same. Call it with the account's row locked:
-- then no sign-in that was under way meanwhile escapes.
CREATE OR REPLACE FUNCTION edgegate.end_sessions(user_id uuid, except_session uuid, now timestamptz) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ended uuid[];
BEGIN
    WITH ending AS (
        UPDATE edgegate.sessions s SET revoked_at = now
        WHERE s.user_id = end_sessions.user_id
            AND s.id IS DISTINCT FROM except_session
            AND s.expires_at > now
            AND (s.revoked_at IS NULL OR s.revoked_at = now)
        RETURNING s.id
    )
    SELECT coalesce(array_agg(ending.id), '{}') INTO ended FROM ending;
    UPDATE edgegate.sessions s SET password_version = u.password_version
    FROM edgegate.users u
    WHERE s.id = except_session
        AND u.id = end_sessions.user_id
        AND s.user_id = u.id
        AND s.password_version <> u.password_version;
    RETURN ended;
END
$$;
