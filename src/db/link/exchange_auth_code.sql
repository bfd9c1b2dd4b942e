-- Exchanges what a link was traded for, together with the PKCE code verifier (as its SHA-256), for
-- what the link does. The outcome is 'unknown', 'used', 'expired', 'wrong_verifier' or 'banned'
-- where nothing is done.
CREATE OR REPLACE FUNCTION edgegate.exchange_auth_code(
    auth_code bytea, challenge bytea, new_session jsonb, prepared_mails jsonb, now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := new_session ->> 'id';
    link edgegate.one_time_tokens;
    obstacle text;
    banned boolean;
BEGIN
    SELECT coalesce(u.banned_until > now, false) INTO banned
    FROM edgegate.users u
    WHERE u.id = (SELECT t.user_id FROM edgegate.one_time_tokens t WHERE t.auth_code_digest = auth_code)
    FOR NO KEY UPDATE;
    SELECT * INTO link FROM edgegate.one_time_tokens t WHERE t.auth_code_digest = auth_code;
    obstacle := CASE
        WHEN link.user_id IS NULL THEN 'unknown'
        WHEN link.code_challenge <> challenge THEN 'wrong_verifier'
        WHEN link.consumed_by = request_id THEN NULL
        WHEN link.consumed_at IS NOT NULL THEN 'used'
        WHEN link.auth_code_expires_at <= now THEN 'expired'
        WHEN banned THEN 'banned'
    END;
    IF obstacle IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', obstacle);
    END IF;
    UPDATE edgegate.one_time_tokens t SET
        consumed_at = now,
        consumed_by = request_id
    WHERE t.auth_code_digest = auth_code;
    RETURN edgegate.apply_link(link, NULL, true, new_session, prepared_mails, now);
END
$$;
