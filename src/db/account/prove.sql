-- Whether the caller has proved once more who they are: 'good', 'outdated' (the password was
-- changed since it was verified), 'wrong_nonce', 'stale'. `proof` has one of: "verified_hash";
-- "nonces" (digests of the typed code, hex) with "address_key", the address they were made for;
-- "fresh": "sign_in" (the session is young enough) or "anonymous" (there is nothing to prove it
-- by). A wrong nonce is counted.
CREATE OR REPLACE FUNCTION edgegate.prove(
    owner uuid, proof jsonb, request_id uuid, failures_since timestamptz, most_failures integer, at timestamptz
) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF proof ? 'verified_hash' THEN
        PERFORM FROM edgegate.users u WHERE u.id = owner AND u.password_hash = proof ->> 'verified_hash';
        RETURN CASE WHEN FOUND THEN 'good' ELSE 'outdated' END;
    END IF;
    IF proof ? 'nonces' THEN
        IF NOT EXISTS (SELECT FROM edgegate.users u WHERE u.id = owner AND u.email_key = proof ->> 'address_key') THEN
            RETURN 'stale';
        END IF;
        UPDATE edgegate.one_time_tokens t SET
            consumed_at = at,
            consumed_by = request_id
        WHERE t.user_id = owner
            AND t.kind = 'reauthentication'
            AND encode(t.code_digest, 'hex') IN (SELECT jsonb_array_elements_text(proof -> 'nonces'))
            AND t.expires_at > at
            AND (t.consumed_at IS NULL OR t.consumed_by = request_id)
            AND (t.code_failures < most_failures OR t.code_failures_since <= failures_since);
        IF FOUND THEN
            PERFORM edgegate.drop_dead_mail(owner, ARRAY['reauthentication'], NULL, at);
            RETURN 'good';
        END IF;
        INSERT INTO edgegate.audit_events (id, user_id, action, created_at)
        VALUES (request_id, owner, 'wrong_code', at)
        ON CONFLICT (id) DO NOTHING;
        IF FOUND THEN
            UPDATE edgegate.one_time_tokens t SET
                code_failures = CASE WHEN t.code_failures_since > failures_since THEN t.code_failures + 1 ELSE 1 END,
                code_failures_since = CASE WHEN t.code_failures_since > failures_since THEN t.code_failures_since ELSE at END
            WHERE t.user_id = owner
                AND t.kind = 'reauthentication'
                AND t.expires_at > at
                AND t.consumed_at IS NULL
                AND (t.code_failures < most_failures OR t.code_failures_since <= failures_since);
        END IF;
        RETURN 'wrong_nonce';
    END IF;
    IF proof ->> 'fresh' = 'anonymous' THEN
        PERFORM FROM edgegate.users u WHERE u.id = owner AND u.is_anonymous;
        RETURN CASE WHEN FOUND THEN 'good' ELSE 'stale' END;
    END IF;
    RETURN CASE WHEN proof ? 'fresh' THEN 'good' ELSE 'wrong_nonce' END;
END
$$;
