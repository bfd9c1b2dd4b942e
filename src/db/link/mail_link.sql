-- Mails a link and code of this kind to the account with this address, if it may have one; with
-- `new_account`, makes an account without a password if there is none. What is answered and done
-- before the mail is the same for every address, and about as much is written. Even an attempt that
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
