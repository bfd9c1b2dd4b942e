-- Disputes the open link of a sign-up that another browser and network made: its author may be the
-- owner of the address, or a stranger.
--
-- The owner of a mailbox may sign up or ask to sign in by mail while a stranger signs up, or the
-- other way round. Then they type the newest code they got, and must not confirm the stranger's
-- password by that.
CREATE OR REPLACE FUNCTION edgegate.dispute_sign_up(address_key text, link jsonb) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.one_time_tokens t SET disputed = true
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
