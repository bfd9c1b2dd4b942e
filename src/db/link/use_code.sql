-- Uses up a code that was sent to this address, or counts a wrong try against each code it might
-- have been. `counter` counts the tries of an address that accounts may be changed to, whichever
-- account: its codes are as many as there are accounts that want it. Null: wrong, dead, or
-- nobody's.
CREATE OR REPLACE FUNCTION edgegate.use_code(
    address_key text,
    counter bytea,
    kinds text[],
    digests bytea[],
    failures_since timestamptz,
    most_failures integer,
    opening jsonb,
    drafts jsonb,
    at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (opening ->> 'id')::uuid;
    audit_id uuid := (opening ->> 'audit_id')::uuid;
    owners uuid[];
    pending uuid;
    link edgegate.one_time_tokens;
BEGIN
    -- Sent again: by now the account may have another address.
    SELECT t.* INTO link FROM edgegate.one_time_tokens t WHERE t.consumed_by = request_id;
    IF FOUND THEN
        PERFORM FROM edgegate.users u WHERE u.id = link.user_id FOR NO KEY UPDATE;
        RETURN edgegate.redeem(link, NULL, true, opening, drafts, at);
    END IF;
    -- Of the accounts that want this address, the one that asked last: else one guess would be
    -- tried on the codes of all.
    IF 'email_change_new' = ANY (kinds) THEN
        SELECT t.user_id INTO pending
        FROM edgegate.users u
        JOIN edgegate.one_time_tokens t ON t.user_id = u.id AND t.kind = 'email_change_new'
        WHERE lower(u.new_email COLLATE "C") = address_key AND t.consumed_at IS NULL AND t.expires_at > at
        ORDER BY t.created_at DESC, t.user_id
        LIMIT 1;
    END IF;
    -- Before the account is locked, like everybody who locks both; and only where somebody wants
    -- the address, or anybody could use its tries up beforehand.
    IF pending IS NOT NULL AND edgegate.count_attempt(
        counter,
        request_id,
        at,
        array_fill(0, ARRAY[most_failures - 1]) || extract(epoch FROM at - failures_since)::integer,
        extract(epoch FROM at - failures_since)::integer
    ) > 0 THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(locked.id) INTO owners
    FROM (
        SELECT u.id
        FROM edgegate.users u
        WHERE (u.email_key = address_key OR u.id = pending AND lower(u.new_email COLLATE "C") = address_key)
            AND (u.banned_until IS NULL OR u.banned_until <= at)
        ORDER BY u.id
        FOR NO KEY UPDATE
    ) AS locked;
    UPDATE edgegate.one_time_tokens t SET
        consumed_at = at,
        consumed_by = request_id
    WHERE (t.user_id, t.kind) = (
            SELECT c.user_id, c.kind
            FROM edgegate.one_time_tokens c
            WHERE c.user_id = ANY (owners)
                AND c.kind = ANY (kinds)
                AND c.code_digest = ANY (digests)
                AND c.expires_at > at
                AND NOT c.contested
                AND c.consumed_at IS NULL
                AND (c.code_failures < most_failures OR c.code_failures_since <= failures_since)
            ORDER BY c.created_at DESC
            LIMIT 1
        )
    RETURNING * INTO link;
    IF FOUND THEN
        DELETE FROM edgegate.attempts a WHERE a.key = counter;
        RETURN edgegate.redeem(link, NULL, true, opening, drafts, at);
    END IF;
    IF NOT EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = audit_id) THEN
        WITH guessed AS (
            UPDATE edgegate.one_time_tokens t SET
                code_failures = CASE WHEN t.code_failures_since > failures_since THEN t.code_failures + 1 ELSE 1 END,
                code_failures_since = CASE WHEN t.code_failures_since > failures_since THEN t.code_failures_since ELSE at END
            WHERE t.user_id = ANY (owners)
                AND t.kind = ANY (kinds)
                AND t.expires_at > at
                AND t.consumed_at IS NULL
                AND NOT t.contested
                AND (t.code_failures < most_failures OR t.code_failures_since <= failures_since)
            RETURNING t.user_id
        )
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        SELECT audit_id, min(guessed.user_id::text)::uuid, 'wrong_code', (opening ->> 'ip')::inet, opening ->> 'user_agent', at
        FROM guessed
        HAVING count(*) > 0
        ON CONFLICT (id) DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
