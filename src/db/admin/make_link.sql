-- Makes a link of an operator's for an address: as the `type` of `POST /admin/generate_link` says,
-- or an invitation. 'signup', 'invite' and 'magiclink' make the account if there is none. An
-- invitation, or a sign-up of the operator's, of an account that nobody confirmed replaces what
-- somebody else wrote there, and kills that person's link. `pending` is the new address, of a
-- change of address. What is mailed, if anything, is in `drafts`. Returns the account and an
-- outcome: 'done', 'no_user', 'email_exists'.
CREATE OR REPLACE FUNCTION edgegate.make_link(
    wanted text, new_account jsonb, pending text, links jsonb, drafts jsonb, caller jsonb, at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (caller ->> 'audit_id')::uuid;
    link_kind text := CASE wanted WHEN 'invite' THEN 'magiclink' ELSE wanted END;
    account edgegate.users;
BEGIN
    IF EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = request_id) THEN
        -- Sent again.
        RETURN jsonb_build_object(
            'outcome', 'done',
            'account', (
                SELECT to_jsonb(u) - 'password_hash'
                FROM edgegate.users u
                WHERE u.id = (SELECT e.user_id FROM edgegate.audit_events e WHERE e.id = request_id)
            ),
            'mails', edgegate.queued(drafts)
        );
    END IF;
    IF wanted IN ('signup', 'invite', 'magiclink') THEN
        INSERT INTO edgegate.users (id, email, app_metadata, user_metadata, locale, created_at, updated_at)
        VALUES (
            (new_account ->> 'id')::uuid,
            new_account ->> 'email',
            new_account -> 'app_metadata',
            new_account -> 'user_metadata',
            new_account ->> 'locale',
            at,
            at
        )
        ON CONFLICT (email_key) DO NOTHING;
    END IF;
    SELECT * INTO account
    FROM edgegate.users u
    WHERE u.email_key = lower((new_account ->> 'email') COLLATE "C")
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'no_user');
    END IF;
    IF (wanted IN ('signup', 'invite') AND account.email_confirmed_at IS NOT NULL)
        OR EXISTS (
            SELECT FROM edgegate.users u
            WHERE u.email_key = lower(pending COLLATE "C") AND u.email_confirmed_at IS NOT NULL
        )
    THEN
        RETURN jsonb_build_object('outcome', 'email_exists');
    END IF;
    IF wanted IN ('signup', 'invite') THEN
        UPDATE edgegate.one_time_tokens t SET
            expires_at = least(t.expires_at, at),
            auth_code_expires_at = least(t.auth_code_expires_at, at)
        WHERE t.user_id = account.id AND t.kind IN ('signup', 'magiclink', 'recovery');
        PERFORM edgegate.drop_dead_mail(account.id, ARRAY['confirm_signup', 'sign_in', 'invite', 'recovery'], NULL, at);
        UPDATE edgegate.users u SET
            password_hash = new_account ->> 'password_hash',
            user_metadata = new_account -> 'user_metadata',
            locale = new_account ->> 'locale',
            confirmation_sent_at = at,
            invited_at = CASE wanted WHEN 'invite' THEN at ELSE u.invited_at END
        WHERE u.id = account.id;
    END IF;
    IF pending IS NOT NULL THEN
        UPDATE edgegate.users u SET
            new_email = pending,
            email_change_current_at = CASE WHEN u.new_email = pending THEN u.email_change_current_at END,
            email_change_new_at = CASE WHEN u.new_email = pending THEN u.email_change_new_at END,
            email_change_sent_at = at
        WHERE u.id = account.id;
    END IF;
    UPDATE edgegate.users u SET
        recovery_sent_at = CASE WHEN wanted IN ('magiclink', 'recovery') THEN at ELSE u.recovery_sent_at END,
        updated_at = at
    WHERE u.id = account.id;
    PERFORM edgegate.issue_link(account.id, link_kind, links, at);
    IF wanted = 'signup' THEN
        -- Made by one hand: there is nobody to contest it.
        UPDATE edgegate.one_time_tokens t SET contested = false WHERE t.user_id = account.id AND t.kind = 'signup';
    END IF;
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, actor, created_at)
    VALUES (
        request_id,
        account.id,
        CASE wanted WHEN 'invite' THEN 'invited' ELSE wanted || '_link_made' END,
        (caller ->> 'ip')::inet,
        caller ->> 'user_agent',
        caller ->> 'actor',
        at
    )
    ON CONFLICT (id) DO NOTHING;
    IF drafts ? 'invite' THEN
        PERFORM edgegate.queue_mail(drafts, 'invite', account.id, account.email, new_account ->> 'locale', at);
    END IF;
    SELECT * INTO account FROM edgegate.users u WHERE u.id = account.id;
    RETURN jsonb_build_object(
        'outcome', 'done',
        'account', to_jsonb(account) - 'password_hash',
        'mails', edgegate.queued(drafts)
    );
END
$$;
