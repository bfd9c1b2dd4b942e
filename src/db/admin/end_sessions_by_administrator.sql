-- Ends one session of an account, or all of them for null. Outcomes: 'done', 'no_user',
-- 'no_session'.
CREATE OR REPLACE FUNCTION edgegate.end_sessions_by_administrator(owner uuid, one uuid, caller jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ended uuid[];
BEGIN
    PERFORM FROM edgegate.users u WHERE u.id = owner FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'no_user');
    END IF;
    IF one IS NULL THEN
        ended := edgegate.end_sessions(owner, NULL, at);
    ELSE
        PERFORM FROM edgegate.sessions s WHERE s.id = one AND s.user_id = owner;
        IF NOT FOUND THEN
            RETURN jsonb_build_object('outcome', 'no_session');
        END IF;
        WITH ending AS (
            UPDATE edgegate.sessions s SET revoked_at = at
            WHERE s.id = one AND s.expires_at > at AND (s.revoked_at IS NULL OR s.revoked_at = at)
            RETURNING s.id
        )
        SELECT coalesce(array_agg(id), '{}') INTO ended FROM ending;
    END IF;
    IF cardinality(ended) > 0 THEN
        PERFORM edgegate.record_administration(owner, ARRAY['sessions_ended'], caller, at);
    END IF;
    RETURN jsonb_build_object('outcome', 'done', 'ended', ended);
END
$$;
