-- Whether a session is good for a call: 'valid', or why not: 'no_user', 'no_session', 'banned'.
-- Also valid for the request `request_id` once that has ended the session itself and was recorded:
-- its statement may be sent twice.
CREATE OR REPLACE FUNCTION edgegate.session_status(
    user_id uuid, session_id uuid, now timestamptz, idle_since timestamptz, request_id uuid
) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN u.id IS NULL THEN 'no_user'
        WHEN EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = session_status.request_id) THEN 'valid'
        WHEN s.id IS NULL OR s.revoked_at IS NOT NULL OR s.expires_at <= now OR s.refreshed_at <= idle_since
            THEN 'no_session'
        WHEN u.banned_until > now THEN 'banned'
        ELSE 'valid'
    END
    FROM (VALUES (session_status.user_id, session_status.session_id)) AS asked (user_id, session_id)
    LEFT JOIN edgegate.users u ON u.id = asked.user_id
    LEFT JOIN edgegate.sessions s ON s.id = asked.session_id AND s.user_id = u.id
$$;
