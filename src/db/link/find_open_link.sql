-- Looks at a link without using it up. `password_throttle` has what a password that somebody typed
-- is counted by, if it is one that has to be verified: {"request_id", "waits", "forget_after"}. It
-- is counted for the account, before it is verified, whichever link it came with. Null: the link is
-- dead. "wait" is how many seconds to wait.
CREATE OR REPLACE FUNCTION edgegate.find_open_link(
    link_digest bytea, browser bytea, password_throttle jsonb, now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    link edgegate.one_time_tokens;
    account edgegate.users;
    wait integer := 0;
BEGIN
    SELECT * INTO link
    FROM edgegate.one_time_tokens t
    WHERE t.token_digest = link_digest AND t.consumed_at IS NULL AND t.expires_at > now;
    SELECT * INTO account
    FROM edgegate.users u
    WHERE u.id = link.user_id AND (u.banned_until IS NULL OR u.banned_until <= now);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF password_throttle IS NOT NULL
        AND link.kind IN ('signup', 'email_change_new')
        AND account.password_hash IS NOT NULL
    THEN
        wait := edgegate.throttle(
            edgegate.link_password_key(account.id),
            (password_throttle ->> 'request_id')::uuid,
            now,
            ARRAY (SELECT w::integer FROM jsonb_array_elements_text(password_throttle -> 'waits') AS w),
            (password_throttle ->> 'forget_after')::integer
        );
    END IF;
    RETURN jsonb_build_object(
        'kind', link.kind,
        'email', CASE
            WHEN link.kind IN ('email_change_current', 'email_change_new') THEN account.new_email
            WHEN link.kind = 'email_change_undo' THEN link.restores_email
            ELSE account.email
        END,
        'password_hash', account.password_hash,
        'takes_new_password', edgegate.takes_new_password(link),
        'same_browser', coalesce(link.browser_digest = browser, false),
        'for_app', link.code_challenge IS NOT NULL,
        'redirect_to', link.redirect_to,
        'wait', wait
    );
END
$$;
