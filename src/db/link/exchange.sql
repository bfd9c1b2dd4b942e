-- Exchanges what a link was traded for, together with the PKCE code verifier (as its SHA-256), for
-- what the link does. The outcome is 'unknown', 'used', 'expired', 'wrong_verifier' or 'banned'
-- where nothing is done.
CREATE OR REPLACE FUNCTION edgegate.exchange(auth_code bytea, challenge bytea, opening jsonb, drafts jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (opening ->> 'id')::uuid;
    link edgegate.one_time_tokens;
    refusal text;
    banned boolean;
BEGIN
    SELECT coalesce(u.banned_until > at, false) INTO banned
    FROM edgegate.users u
    WHERE u.id = (SELECT t.user_id FROM edgegate.one_time_tokens t WHERE t.auth_code_digest = auth_code)
    FOR NO KEY UPDATE;
    SELECT * INTO link FROM edgegate.one_time_tokens t WHERE t.auth_code_digest = auth_code;
    refusal := CASE
        WHEN link.user_id IS NULL THEN 'unknown'
        WHEN link.code_challenge <> challenge THEN 'wrong_verifier'
        WHEN link.consumed_by = request_id THEN NULL
        WHEN link.consumed_at IS NOT NULL THEN 'used'
        WHEN link.auth_code_expires_at <= at THEN 'expired'
        WHEN banned THEN 'banned'
    END;
    IF refusal IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', refusal);
    END IF;
    UPDATE edgegate.one_time_tokens t SET
        consumed_at = at,
        consumed_by = request_id
    WHERE t.auth_code_digest = auth_code;
    RETURN edgegate.redeem(link, NULL, true, opening, drafts, at);
END
$$;
