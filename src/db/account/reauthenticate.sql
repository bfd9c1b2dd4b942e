-- Whether the user has proved once more who they are: 'good', 'outdated' (the password was changed
-- since it was verified), 'wrong_nonce', 'stale' (the access token says of the account what is no
-- longer so). `reauthentication` has one of: "verified_hash"; "nonces" (digests of the typed code,
-- hex) with "address_key", the address they were made for; "fresh": "sign_in" (the session is young
-- enough) or "anonymous" (there is nothing to prove it by). A wrong nonce is counted.
CREATE OR REPLACE FUNCTION edgegate.reauthenticate(
    user_id uuid,
    reauthentication jsonb,
    request_id uuid,
    failures_since timestamptz,
    max_failures integer,
    now timestamptz
) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
BEGIN
    SELECT * INTO account FROM edgegate.users u WHERE u.id = reauthenticate.user_id;
    IF reauthentication ? 'verified_hash' THEN
        RETURN CASE WHEN account.password_hash = reauthentication ->> 'verified_hash' THEN 'good' ELSE 'outdated' END;
    END IF;
    IF reauthentication ->> 'fresh' = 'anonymous' THEN
        RETURN CASE WHEN account.is_anonymous THEN 'good' ELSE 'stale' END;
    END IF;
    IF NOT reauthentication ? 'nonces' THEN
        RETURN CASE WHEN reauthentication ? 'fresh' THEN 'good' ELSE 'wrong_nonce' END;
    END IF;
    IF (account.email_key = reauthentication ->> 'address_key') IS NOT TRUE THEN
        RETURN 'stale';
    END IF;
    UPDATE edgegate.one_time_tokens t SET
        consumed_at = now,
        consumed_by = request_id
    WHERE t.user_id = account.id
        AND t.kind = 'reauthentication'
        AND encode(t.code_digest, 'hex') IN (SELECT jsonb_array_elements_text(reauthentication -> 'nonces'))
        AND t.expires_at > now
        AND (t.consumed_at IS NULL OR t.consumed_by = request_id)
        AND (t.code_failures < max_failures OR t.code_failures_since <= failures_since);
    IF FOUND THEN
        PERFORM edgegate.drop_dead_mail(account.id, ARRAY['reauthentication'], NULL, now);
        RETURN 'good';
    END IF;
    IF edgegate.record_event(jsonb_build_object('audit_id', request_id), account.id, 'wrong_code', now) THEN
        PERFORM edgegate.count_wrong_code(
            ARRAY[account.id], ARRAY['reauthentication'], failures_since, max_failures, now
        );
    END IF;
    RETURN 'wrong_nonce';
END
$$;
