-- The sessions of an account that live, as a list, the one used last first. One not refreshed since
-- `idle_since` is over.
CREATE OR REPLACE FUNCTION edgegate.live_sessions(
    user_id uuid, now timestamptz, idle_since timestamptz
) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object(
                'id', s.id,
                'created_at', s.created_at,
                'refreshed_at', s.refreshed_at,
                'expires_at', s.expires_at,
                'ip', host(s.ip),
                'user_agent', s.user_agent
            )
            ORDER BY s.refreshed_at DESC, s.id
        ),
        '[]'
    )
    FROM edgegate.sessions s
    WHERE s.user_id = live_sessions.user_id
        AND s.revoked_at IS NULL
        AND s.expires_at > now
        AND s.refreshed_at > idle_since
$$;
