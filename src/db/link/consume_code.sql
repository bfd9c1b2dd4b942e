-- Consumes a code that was sent to this address, or counts a wrong try against each code it might
-- have been. `throttle_key` counts the tries of an address that accounts may be changed to,
-- whichever account: its codes are as many as there are accounts that want it. Null: wrong, dead,
-- or nobody's.
CREATE OR REPLACE FUNCTION edgegate.consume_code(
    address_key text,
    throttle_key bytea,
    kinds text[],
    digests bytea[],
    failures_since timestamptz,
    max_failures integer,
    new_session jsonb,
    prepared_mails jsonb,
    now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := new_session ->> 'id';
    audit_id uuid := new_session ->> 'audit_id';
    forget_after integer := extract(epoch FROM now - failures_since);
    pending_owner uuid;
    owners uuid[];
    guessed uuid;
    link edgegate.one_time_tokens;
BEGIN
    -- Sent again: by now the account may have another address.
    SELECT t.* INTO link FROM edgegate.one_time_tokens t WHERE t.consumed_by = request_id;
    IF FOUND THEN
        PERFORM FROM edgegate.users u WHERE u.id = link.user_id FOR NO KEY UPDATE;
        RETURN edgegate.apply_link(link, NULL, true, new_session, prepared_mails, now);
    END IF;
    -- Counted before the account is locked, like every statement that locks both; and only where an
    -- account wants the address, or its tries could be used up beforehand.
    IF 'email_change_new' = ANY (kinds) THEN
        pending_owner := edgegate.pending_email_owner(address_key, now);
        IF pending_owner IS NOT NULL AND edgegate.throttle(
            throttle_key, request_id, now, array_fill(0, ARRAY[max_failures - 1]) || forget_after, forget_after
        ) > 0 THEN
            RETURN NULL;
        END IF;
    END IF;
    SELECT array_agg(locked.id) INTO owners
    FROM (
        SELECT u.id
        FROM edgegate.users u
        WHERE (u.email_key = address_key OR u.id = pending_owner AND lower(u.new_email COLLATE "C") = address_key)
            AND (u.banned_until IS NULL OR u.banned_until <= now)
        ORDER BY u.id
        FOR NO KEY UPDATE
    ) AS locked;
    UPDATE edgegate.one_time_tokens t SET
        consumed_at = now,
        consumed_by = request_id
    WHERE (t.user_id, t.kind) = (
            SELECT c.user_id, c.kind
            FROM edgegate.one_time_tokens c
            WHERE c.user_id = ANY (owners)
                AND c.kind = ANY (kinds)
                AND c.code_digest = ANY (digests)
                AND c.expires_at > now
                AND NOT c.disputed
                AND c.consumed_at IS NULL
                AND (c.code_failures < max_failures OR c.code_failures_since <= failures_since)
            ORDER BY c.created_at DESC
            LIMIT 1
        )
    RETURNING * INTO link;
    IF FOUND THEN
        DELETE FROM edgegate.throttles t WHERE t.key = throttle_key;
        RETURN edgegate.apply_link(link, NULL, true, new_session, prepared_mails, now);
    END IF;
    IF NOT EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = audit_id) THEN
        guessed := edgegate.count_wrong_code(owners, kinds, failures_since, max_failures, now);
        IF guessed IS NOT NULL THEN
            PERFORM edgegate.record_event(new_session, guessed, 'wrong_code', now);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
