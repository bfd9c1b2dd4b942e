-- Opens a session and ends the oldest of the account beyond `most`; returns those that it ended.
-- Call it with the account's row locked (UPDATE edgegate.users): then the limit holds however many
-- sign in at once, since each statement in a VOLATILE function sees what was committed while the
-- caller waited for that lock.
CREATE OR REPLACE FUNCTION edgegate.open_session(
    session_id uuid,
    owner uuid,
    methods jsonb,
    caller_ip inet,
    caller_user_agent text,
    at timestamptz,
    ends_at timestamptz,
    idle_since timestamptz,
    most integer
) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ended uuid[];
BEGIN
    INSERT INTO edgegate.sessions (id, user_id, amr, ip, user_agent, created_at, refreshed_at, expires_at)
    VALUES (session_id, owner, methods, caller_ip, caller_user_agent, at, at, ends_at)
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        -- Sent again. What was opened since must not end for it.
        RETURN ARRAY (SELECT s.id FROM edgegate.sessions s WHERE s.user_id = owner AND s.revoked_at = at);
    END IF;
    WITH surplus AS (
        SELECT s.id
        FROM edgegate.sessions s
        WHERE s.user_id = owner
            AND s.id <> session_id
            AND s.revoked_at IS NULL
            AND s.expires_at > at
            AND s.refreshed_at > idle_since
        ORDER BY s.created_at DESC, s.id
        OFFSET most - 1
    ), ending AS (
        UPDATE edgegate.sessions s SET revoked_at = at FROM surplus WHERE s.id = surplus.id RETURNING s.id
    )
    SELECT coalesce(array_agg(id), '{}') INTO ended FROM ending;
    RETURN ended;
END
$$;
