-- Mails a link and code of this kind to the account with this address, if it may have one; with
-- `new_account`, makes an account without a password if there is none. What is answered and done
-- before the mail is the same for every address, and about as much is written. Even an attempt that
-- has to wait disputes the open link of somebody else's sign-up, as edgegate.sign_up does.
CREATE OR REPLACE FUNCTION edgegate.mail_link(
    address_key text,
    link_kind text,
    mail_kind text,
    new_account jsonb,
    mail_limits jsonb,
    links jsonb,
    prepared_mails jsonb,
    audit jsonb,
    now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    link jsonb := links -> link_kind;
    wait integer := edgegate.throttle_mail(mail_limits, (audit ->> 'audit_id')::uuid, now);
    account edgegate.users;
BEGIN
    IF wait > 0 THEN
        IF link_kind <> 'signup' THEN
            PERFORM edgegate.dispute_sign_up(address_key, link);
        END IF;
        RETURN jsonb_build_object('wait', wait);
    END IF;
    IF new_account IS NOT NULL THEN
        PERFORM edgegate.insert_unconfirmed_user(new_account, now);
    END IF;
    SELECT * INTO account
    FROM edgegate.users u
    WHERE u.email_key = address_key
        AND (u.banned_until IS NULL OR u.banned_until <= now)
        AND (link_kind <> 'signup' OR u.email_confirmed_at IS NULL)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        IF link_kind <> 'signup' THEN
            PERFORM edgegate.dispute_sign_up(address_key, link);
        END IF;
        PERFORM edgegate.do_dummy_mail_work(link_kind, mail_kind, links, prepared_mails, audit, now);
        RETURN jsonb_build_object('wait', 0, 'mails', '[]'::jsonb);
    END IF;
    UPDATE edgegate.users u SET
        confirmation_sent_at = CASE link_kind WHEN 'signup' THEN now ELSE u.confirmation_sent_at END,
        recovery_sent_at = CASE link_kind WHEN 'signup' THEN u.recovery_sent_at ELSE now END,
        updated_at = now
    WHERE u.id = account.id;
    PERFORM edgegate.issue_link(account.id, link_kind, links, now);
    IF link_kind <> 'signup' THEN
        PERFORM edgegate.dispute_sign_up(address_key, link);
    END IF;
    IF new_account IS NOT NULL THEN
        UPDATE edgegate.one_time_tokens t SET user_metadata = new_account -> 'user_metadata'
        WHERE t.token_digest = decode(link ->> 'token_digest', 'hex');
    END IF;
    PERFORM edgegate.record_event(audit, account.id, mail_kind || '_mailed', now);
    PERFORM edgegate.queue_mail(prepared_mails, mail_kind, account.id, account.email, account.locale, now);
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued_mails(prepared_mails));
END
$$;
