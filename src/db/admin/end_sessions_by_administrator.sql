-- Ends one session of an account, or all of them for null. Outcomes: 'done', 'no_user',
-- 'no_session'.
CREATE OR REPLACE FUNCTION edgegate.end_sessions_by_administrator(
    user_id uuid, session_id uuid, audit jsonb, now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account_id uuid;
    ended uuid[];
BEGIN
    SELECT u.id INTO account_id
    FROM edgegate.users u
    WHERE u.id = end_sessions_by_administrator.user_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'no_user');
    END IF;
    IF end_sessions_by_administrator.session_id IS NULL THEN
        ended := edgegate.end_sessions(account_id, NULL, now);
    ELSE
        PERFORM FROM edgegate.sessions s
        WHERE s.id = end_sessions_by_administrator.session_id AND s.user_id = account_id;
        IF NOT FOUND THEN
            RETURN jsonb_build_object('outcome', 'no_session');
        END IF;
        WITH ending AS (
            UPDATE edgegate.sessions s SET revoked_at = now
            WHERE s.id = end_sessions_by_administrator.session_id
                AND s.expires_at > now
                AND (s.revoked_at IS NULL OR s.revoked_at = now)
            RETURNING s.id
        )
        SELECT coalesce(array_agg(ending.id), '{}') INTO ended FROM ending;
    END IF;
    IF cardinality(ended) > 0 THEN
        PERFORM edgegate.record_event(audit, account_id, 'sessions_ended', now);
    END IF;
    RETURN jsonb_build_object('outcome', 'done', 'ended', ended);
END
$$;
