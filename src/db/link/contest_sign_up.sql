-- Contests the open link of a sign-up that another network made: its author may be the owner, or a
-- stranger.
CREATE OR REPLACE FUNCTION edgegate.contest_sign_up(address_key text, link jsonb) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.one_time_tokens t SET contested = true
    FROM edgegate.users u
    WHERE u.email_key = address_key
        AND u.email_confirmed_at IS NULL
        AND t.user_id = u.id
        AND t.kind = 'signup'
        AND t.consumed_at IS NULL
        AND NOT coalesce(
            t.browser_digest = decode(link ->> 'presented_browser_digest', 'hex')
            OR t.network_digest = decode(link ->> 'network_digest', 'hex'),
            false
        )
$$;
