-- Issues a link and code; the earlier ones of the kind die, and so does what an earlier link was
-- traded for. Wrong codes go on counting. `links` has the digests of what the mails carry, by kind:
-- {"recovery": {"token_digest" (hex), "code_digest", "expires_at", …}}.
--
-- A link that claims an address for an account (sign-up, new address) stays bound to the browser
-- that asked for it: where another browser asks for the same mail again, the first one's cookie,
-- PKCE challenge and destination stay.
CREATE OR REPLACE FUNCTION edgegate.issue_link(user_id uuid, link_kind text, links jsonb, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    link jsonb := links -> link_kind;
    again boolean := coalesce((link ->> 'again')::boolean, false);
    browser bytea := decode(link ->> 'browser_digest', 'hex');
    presented bytea := decode(link ->> 'presented_browser_digest', 'hex');
    network bytea := decode(link ->> 'network_digest', 'hex');
    challenge bytea := decode(link ->> 'code_challenge', 'hex');
BEGIN
    INSERT INTO edgegate.one_time_tokens AS t (
        user_id,
        kind,
        token_digest,
        code_digest,
        browser_digest,
        network_digest,
        code_challenge,
        redirect_to,
        disputed,
        created_at,
        expires_at
    )
    VALUES (
        issue_link.user_id,
        link_kind,
        decode(link ->> 'token_digest', 'hex'),
        decode(link ->> 'code_digest', 'hex'),
        browser,
        network,
        challenge,
        link ->> 'redirect_to',
        link_kind = 'signup' AND edgegate.has_link_from_other_network(issue_link.user_id, network, now),
        now,
        (link ->> 'expires_at')::timestamptz
    )
    ON CONFLICT (user_id, kind) WHERE kind <> 'email_change_undo' DO UPDATE SET
        token_digest = excluded.token_digest,
        code_digest = excluded.code_digest,
        browser_digest = CASE WHEN again THEN t.browser_digest ELSE excluded.browser_digest END,
        network_digest = CASE WHEN again THEN t.network_digest ELSE excluded.network_digest END,
        code_challenge = CASE
            WHEN NOT again THEN excluded.code_challenge
            WHEN t.browser_digest = presented OR t.network_digest = network
                THEN coalesce(excluded.code_challenge, t.code_challenge)
            ELSE t.code_challenge
        END,
        redirect_to = CASE WHEN again THEN t.redirect_to ELSE excluded.redirect_to END,
        disputed = CASE
            WHEN again THEN t.disputed
            WHEN link_kind = 'signup' THEN
                t.consumed_at IS NULL
                AND t.expires_at > now
                AND (t.disputed OR NOT coalesce(t.browser_digest = presented OR t.network_digest = network, false))
                OR edgegate.has_link_from_other_network(issue_link.user_id, network, now)
            ELSE false
        END,
        created_at = excluded.created_at,
        expires_at = excluded.expires_at,
        auth_code_digest = NULL,
        auth_code_expires_at = NULL,
        consumed_at = NULL,
        consumed_by = NULL,
        outcome = NULL,
        user_metadata = NULL
    -- Sent twice, it changes nothing the second time.
    WHERE t.token_digest <> excluded.token_digest;
END
$$;
