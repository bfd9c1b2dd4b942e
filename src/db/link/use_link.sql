-- Uses up a link. Null: it is dead, of another kind than those wanted, or what it needs did not
-- come with it, or what came it may not take. A sign-up that two people contest needs the cookie or
-- a password.
CREATE OR REPLACE FUNCTION edgegate.use_link(
    digest bytea,
    kinds text[],
    browser bytea,
    verified_hash text,
    new_hash text,
    signs_in boolean,
    opening jsonb,
    drafts jsonb,
    at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (opening ->> 'id')::uuid;
    link edgegate.one_time_tokens;
BEGIN
    -- The account before the link, like everybody who locks both.
    PERFORM FROM edgegate.users u
    WHERE u.id = (SELECT t.user_id FROM edgegate.one_time_tokens t WHERE t.token_digest = digest)
        AND (u.banned_until IS NULL OR u.banned_until <= at)
        AND (verified_hash IS NULL OR u.password_hash = verified_hash)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE edgegate.one_time_tokens t SET
        consumed_at = at,
        consumed_by = request_id
    WHERE t.token_digest = digest
        AND t.kind = ANY (kinds)
        AND t.expires_at > at
        AND (t.consumed_at IS NULL OR t.consumed_by = request_id)
        AND (browser IS NULL OR t.browser_digest = browser)
        AND (NOT t.contested OR browser IS NOT NULL OR verified_hash IS NOT NULL OR new_hash IS NOT NULL)
        AND (new_hash IS NULL OR edgegate.takes_new_password(t) OR t.outcome IS NOT NULL)
    RETURNING * INTO link;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF verified_hash IS NOT NULL OR new_hash IS NOT NULL THEN
        DELETE FROM edgegate.attempts a WHERE a.key = edgegate.link_password_key(link.user_id);
    END IF;
    RETURN edgegate.redeem(link, new_hash, signs_in, opening, drafts, at);
END
$$;
