-- Consumes a link. Null: it is dead, of another kind than those wanted, or what it needs did not
-- come with it, or what came it may not take. A disputed sign-up needs the cookie or a password.
CREATE OR REPLACE FUNCTION edgegate.consume_link(
    link_digest bytea,
    kinds text[],
    browser bytea,
    verified_hash text,
    new_hash text,
    signs_in boolean,
    new_session jsonb,
    prepared_mails jsonb,
    now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := new_session ->> 'id';
    link edgegate.one_time_tokens;
BEGIN
    -- The account before the link, like every statement that locks both.
    PERFORM FROM edgegate.users u
    WHERE u.id = (SELECT t.user_id FROM edgegate.one_time_tokens t WHERE t.token_digest = link_digest)
        AND (u.banned_until IS NULL OR u.banned_until <= now)
        AND (verified_hash IS NULL OR u.password_hash = verified_hash)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE edgegate.one_time_tokens t SET
        consumed_at = now,
        consumed_by = request_id
    WHERE t.token_digest = link_digest
        AND t.kind = ANY (kinds)
        AND t.expires_at > now
        AND (t.consumed_at IS NULL OR t.consumed_by = request_id)
        AND (browser IS NULL OR t.browser_digest = browser)
        AND (NOT t.disputed OR browser IS NOT NULL OR verified_hash IS NOT NULL OR new_hash IS NOT NULL)
        AND (new_hash IS NULL OR edgegate.takes_new_password(t) OR t.outcome IS NOT NULL)
    RETURNING * INTO link;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF verified_hash IS NOT NULL OR new_hash IS NOT NULL THEN
        DELETE FROM edgegate.throttles t WHERE t.key = edgegate.link_password_key(link.user_id);
    END IF;
    RETURN edgegate.apply_link(link, new_hash, signs_in, new_session, prepared_mails, now);
END
$$;
