-- Ends every session of an account but one (or none, for null), which goes on under the password of
-- now. Returns those that it ended; sent again, the same. Call it with the account's row locked:
-- then no sign-in that was under way meanwhile escapes.
CREATE OR REPLACE FUNCTION edgegate.end_sessions(owner uuid, but_not uuid, at timestamptz) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ended uuid[];
BEGIN
    WITH ending AS (
        UPDATE edgegate.sessions s SET revoked_at = at
        WHERE s.user_id = owner
            AND s.id IS DISTINCT FROM but_not
            AND s.expires_at > at
            AND (s.revoked_at IS NULL OR s.revoked_at = at)
        RETURNING s.id
    )
    SELECT coalesce(array_agg(id), '{}') INTO ended FROM ending;
    UPDATE edgegate.sessions s SET password_version = u.password_version
    FROM edgegate.users u
    WHERE s.id = but_not AND u.id = owner AND s.user_id = u.id AND s.password_version <> u.password_version;
    RETURN ended;
END
$$;
