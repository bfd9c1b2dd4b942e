-- migrate:up

-- Where there is nobody to mail, asking took 4 ms of 26 less, because no link was issued, and each function that a connection has not called
-- yet costs it time. Now everything is done for a stand-in as it is for an account, and taken back.

-- Issues a link to an account that there is not, queues its mail if a kind is given, and takes it all back.
CREATE FUNCTION edgegate.pretend(link_kind text, mail_kind text, links jsonb, drafts jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    stand_in uuid := gen_random_uuid();
BEGIN
    INSERT INTO edgegate.users (id, is_anonymous, app_metadata, user_metadata, locale, created_at, updated_at)
    VALUES (stand_in, true, '{}', '{}', 'en', at, at);
    PERFORM edgegate.issue_link(stand_in, link_kind, links, at);
    IF mail_kind IS NOT NULL THEN
        PERFORM edgegate.queue_mail(drafts, mail_kind, stand_in, 'nobody@invalid', 'en', at);
    END IF;
    RAISE EXCEPTION 'nobody sees this' USING ERRCODE = 'EG001';
EXCEPTION WHEN SQLSTATE 'EG001' THEN
    RETURN;
END
$$;

DROP FUNCTION edgegate.mail_nobody(text, jsonb, jsonb, timestamptz);

-- What asking for a mail does where there is nobody to send one to, or nobody who may have it: what it does otherwise, but for a stand-in, so
-- that the time it takes does not tell. What is recorded says that somebody asks for addresses without an account.
CREATE FUNCTION edgegate.mail_nobody(link_kind text, mail_kind text, links jsonb, drafts jsonb, caller jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM edgegate.pretend(link_kind, mail_kind, links, drafts, at);
    INSERT INTO edgegate.audit_events (id, action, ip, user_agent, created_at)
    VALUES ((caller ->> 'audit_id')::uuid, 'nobody_mailed', (caller ->> 'ip')::inet, caller ->> 'user_agent', at)
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.queued(drafts);
END
$$;

-- The functions below replace those of 20261128000002: they pretend.

-- Signs up an address that has to be confirmed. A new address gets an account; an unconfirmed one gets the new password and its
-- earlier links die; the owner of a confirmed one gets a mail that says so, and nothing changes. Even an attempt that has to
-- wait contests the open link of somebody else: its author may be the owner, about to type the code of a stranger's sign-up.
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

-- Mails a link and code of this kind to the account with this address, if it may have one; with `new_account`, makes an account without a password
-- if there is none. What is answered and done before the mail is the same for every address, and about as much is written. Even an attempt that
-- has to wait contests the open link of somebody else's sign-up, as `edgegate.sign_up` does.
CREATE OR REPLACE FUNCTION edgegate.mail_link(
    address_key text,
    link_kind text,
    mail_kind text,
    new_account jsonb,
    counters jsonb,
    links jsonb,
    drafts jsonb,
    caller jsonb,
    at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (caller ->> 'audit_id')::uuid;
    wait integer := edgegate.count_mail(counters, request_id, at);
    account edgegate.users;
BEGIN
    IF wait > 0 THEN
        IF link_kind <> 'signup' THEN
            PERFORM edgegate.contest_sign_up(address_key, links -> link_kind);
        END IF;
        RETURN jsonb_build_object('wait', wait);
    END IF;
    IF new_account IS NOT NULL THEN
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
    WHERE u.email_key = address_key
        AND (u.banned_until IS NULL OR u.banned_until <= at)
        AND (link_kind <> 'signup' OR u.email_confirmed_at IS NULL)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        IF link_kind <> 'signup' THEN
            PERFORM edgegate.contest_sign_up(address_key, links -> link_kind);
        END IF;
        PERFORM edgegate.mail_nobody(link_kind, mail_kind, links, drafts, caller, at);
        RETURN jsonb_build_object('wait', 0, 'mails', '[]'::jsonb);
    END IF;
    UPDATE edgegate.users u SET
        confirmation_sent_at = CASE link_kind WHEN 'signup' THEN at ELSE u.confirmation_sent_at END,
        recovery_sent_at = CASE link_kind WHEN 'signup' THEN u.recovery_sent_at ELSE at END,
        updated_at = at
    WHERE u.id = account.id;
    PERFORM edgegate.issue_link(account.id, link_kind, links, at);
    IF link_kind <> 'signup' THEN
        PERFORM edgegate.contest_sign_up(address_key, links -> link_kind);
    END IF;
    IF new_account IS NOT NULL THEN
        UPDATE edgegate.one_time_tokens t SET user_metadata = new_account -> 'user_metadata'
        WHERE t.token_digest = decode(links -> link_kind ->> 'token_digest', 'hex');
    END IF;
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    VALUES (request_id, account.id, mail_kind || '_mailed', (caller ->> 'ip')::inet, caller ->> 'user_agent', at)
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.queue_mail(drafts, mail_kind, account.id, account.email, account.locale, at);
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued(drafts));
END
$$;

-- Mails the links of a change of address once more, to whoever has not agreed yet. `pending` is the new address that the links and drafts were made
-- for: if it is another by now, nothing is mailed.
CREATE OR REPLACE FUNCTION edgegate.mail_email_change_again(
    address_key text, pending text, counters jsonb, links jsonb, drafts jsonb, caller jsonb, at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (caller ->> 'audit_id')::uuid;
    counted jsonb := edgegate.count_mails(counters, request_id, at);
    wait integer := counted -> 'wait';
    owner uuid;
BEGIN
    IF wait > 0 THEN
        RETURN jsonb_build_object('wait', wait);
    END IF;
    -- That the new mailbox has had too many is not told: the caller does not know of it.
    SELECT u.id INTO owner
    FROM edgegate.users u
    WHERE (counted -> 'also')::integer = 0 AND u.email_key = address_key AND u.new_email = pending AND (u.banned_until IS NULL OR u.banned_until <= at)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM edgegate.mail_nobody('email_change_new', 'email_change_new', links, drafts, caller, at);
        RETURN jsonb_build_object('wait', 0, 'mails', '[]'::jsonb);
    END IF;
    PERFORM edgegate.mail_email_change(owner, links, drafts, at);
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued(drafts));
END
$$;

-- migrate:down
-- Forward only: a mistake is mended by another migration.
