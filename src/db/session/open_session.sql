-- Opens a session and ends the oldest of the account beyond `max_sessions`; returns those that it
-- ended. Call it with the account's row locked (UPDATE edgegate.users): then the limit holds
-- however many sign in at once, since each statement in a VOLATILE function sees what was committed
-- while the caller waited for that lock.
CREATE OR REPLACE FUNCTION edgegate.open_session(
    session_id uuid,
    user_id uuid,
    aal text,
    amr jsonb,
    ip inet,
    user_agent text,
    now timestamptz,
    expires_at timestamptz,
    idle_since timestamptz,
    max_sessions integer
) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ended uuid[];
BEGIN
    INSERT INTO edgegate.sessions (id, user_id, aal, amr, ip, user_agent, created_at, refreshed_at, expires_at)
    VALUES (
        open_session.session_id,
        open_session.user_id,
        open_session.aal,
        open_session.amr,
        open_session.ip,
        open_session.user_agent,
        now,
        now,
        open_session.expires_at
    )
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        -- Sent again. What was opened since must not end for it.
        RETURN edgegate.sessions_ended_at(open_session.user_id, now);
    END IF;
    WITH surplus AS (
        SELECT s.id
        FROM edgegate.sessions s
        WHERE s.user_id = open_session.user_id
            AND s.id <> open_session.session_id
            AND s.revoked_at IS NULL
            AND s.expires_at > now
            AND s.refreshed_at > idle_since
        ORDER BY s.created_at DESC, s.id
        OFFSET max_sessions - 1
    ), ending AS (
        UPDATE edgegate.sessions s SET revoked_at = now FROM surplus WHERE s.id = surplus.id RETURNING s.id
    )
    SELECT coalesce(array_agg(ending.id), '{}') INTO ended FROM ending;
    RETURN ended;
END
$$;
