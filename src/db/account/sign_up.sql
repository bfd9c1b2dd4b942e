-- Signs up an address that has to be confirmed. A new address gets an account; an unconfirmed one
-- gets the new password and its earlier links die; the owner of a confirmed one gets a mail that
-- says so, and nothing changes. Even an attempt that has to wait contests the open link of somebody
-- else: its author may be the owner, about to type the code of a stranger's sign-up.
CREATE OR REPLACE FUNCTION edgegate.sign_up(new_account jsonb, counters jsonb, links jsonb, drafts jsonb, caller jsonb, at timestamptz)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (caller ->> 'audit_id')::uuid;
    address_key text := lower((new_account ->> 'email') COLLATE "C");
    wait integer := edgegate.count_mail(counters, request_id, at);
    account edgegate.users;
    action text := 'signed_up';
BEGIN
    IF wait > 0 THEN
        PERFORM edgegate.contest_sign_up(address_key, links -> 'signup');
        RETURN jsonb_build_object('wait', wait);
    END IF;
    INSERT INTO edgegate.users AS u (
        id, email, password_hash, confirmation_sent_at, app_metadata, user_metadata, locale, created_at, updated_at
    )
    VALUES (
        (new_account ->> 'id')::uuid,
        new_account ->> 'email',
        new_account ->> 'password_hash',
        at,
        new_account -> 'app_metadata',
        new_account -> 'user_metadata',
        new_account ->> 'locale',
        at,
        at
    )
    ON CONFLICT (email_key) DO UPDATE SET
        email = excluded.email,
        password_hash = excluded.password_hash,
        confirmation_sent_at = excluded.confirmation_sent_at,
        user_metadata = excluded.user_metadata,
        locale = excluded.locale,
        updated_at = excluded.updated_at
    WHERE u.email_confirmed_at IS NULL
    RETURNING * INTO account;
    IF FOUND THEN
        PERFORM edgegate.issue_link(account.id, 'signup', links, at);
        PERFORM edgegate.queue_mail(drafts, 'confirm_signup', account.id, account.email, account.locale, at);
    ELSE
        SELECT * INTO account FROM edgegate.users u WHERE u.email_key = address_key;
        PERFORM edgegate.pretend('signup', NULL, links, drafts, at);
        PERFORM edgegate.queue_mail(drafts, 'already_registered', account.id, account.email, account.locale, at);
        action := 'signed_up_again';
    END IF;
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    SELECT request_id, account.id, action, (caller ->> 'ip')::inet, caller ->> 'user_agent', at
    WHERE account.id IS NOT NULL
    ON CONFLICT (id) DO NOTHING;
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued(drafts));
END
$$;
