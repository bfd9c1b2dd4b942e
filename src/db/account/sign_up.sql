-- Signs up an address that has to be confirmed. A new address gets an account; an unconfirmed one
-- gets the new password and its earlier links die; the owner of a confirmed one gets a mail that
-- says so, and nothing changes. Even an attempt that has to wait disputes the open link of somebody
-- else: its author may be the owner, about to type the code of a stranger's sign-up.
CREATE OR REPLACE FUNCTION edgegate.sign_up(
    new_account jsonb, mail_limits jsonb, links jsonb, prepared_mails jsonb, audit jsonb, now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    address_key text := lower((new_account ->> 'email') COLLATE "C");
    wait integer := edgegate.throttle_mail(mail_limits, (audit ->> 'audit_id')::uuid, now);
    account edgegate.users;
    action text := 'signed_up';
BEGIN
    IF wait > 0 THEN
        PERFORM edgegate.dispute_sign_up(address_key, links -> 'signup');
        RETURN jsonb_build_object('wait', wait);
    END IF;
    INSERT INTO edgegate.users AS u (
        id, email, password_hash, confirmation_sent_at, app_metadata, user_metadata, locale, created_at, updated_at
    )
    VALUES (
        (new_account ->> 'id')::uuid,
        new_account ->> 'email',
        new_account ->> 'password_hash',
        now,
        new_account -> 'app_metadata',
        new_account -> 'user_metadata',
        new_account ->> 'locale',
        now,
        now
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
        PERFORM edgegate.issue_link(account.id, 'signup', links, now);
        PERFORM edgegate.queue_mail(prepared_mails, 'confirm_signup', account.id, account.email, account.locale, now);
    ELSE
        SELECT * INTO account FROM edgegate.users u WHERE u.email_key = address_key;
        PERFORM edgegate.issue_dummy_link('signup', NULL, links, prepared_mails, now);
        PERFORM edgegate.queue_mail(
            prepared_mails, 'already_registered', account.id, account.email, account.locale, now
        );
        action := 'signup_repeated';
    END IF;
    IF account.id IS NOT NULL THEN
        PERFORM edgegate.record_event(audit, account.id, action, now);
    END IF;
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued_mails(prepared_mails));
END
$$;
