-- Mails a code to somebody signed in. Returns the status of the session and, if that is valid, an
-- outcome: 'done', 'wait', 'no_address' (the account has none to mail it to), 'stale' (the code is
-- for another address than the account's).
CREATE OR REPLACE FUNCTION edgegate.mail_nonce(
    user_id uuid,
    session_id uuid,
    idle_since timestamptz,
    mail_limits jsonb,
    links jsonb,
    prepared_mails jsonb,
    audit jsonb,
    now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    status text := edgegate.session_status(mail_nonce.user_id, mail_nonce.session_id, now, idle_since, NULL);
    wait integer;
    account edgegate.users;
BEGIN
    IF status <> 'valid' THEN
        RETURN jsonb_build_object('session_status', status);
    END IF;
    -- Counters before the account, like every statement that locks both.
    wait := edgegate.throttle_mail(mail_limits, (audit ->> 'audit_id')::uuid, now);
    status := edgegate.session_status_for_update(mail_nonce.user_id, mail_nonce.session_id, now, idle_since, NULL);
    IF status <> 'valid' THEN
        RETURN jsonb_build_object('session_status', status);
    END IF;
    SELECT * INTO account FROM edgegate.users u WHERE u.id = mail_nonce.user_id;
    IF account.email IS NULL THEN
        RETURN jsonb_build_object('session_status', status, 'outcome', 'no_address');
    END IF;
    IF links -> 'reauthentication' ->> 'address_key' IS DISTINCT FROM account.email_key THEN
        RETURN jsonb_build_object('session_status', status, 'outcome', 'stale');
    END IF;
    IF wait > 0 THEN
        RETURN jsonb_build_object('session_status', status, 'outcome', 'wait', 'wait', wait);
    END IF;
    UPDATE edgegate.users u SET reauthentication_sent_at = now WHERE u.id = account.id;
    PERFORM edgegate.issue_link(account.id, 'reauthentication', links, now);
    PERFORM edgegate.record_event(audit, account.id, 'reauthentication_mailed', now);
    PERFORM edgegate.queue_mail(prepared_mails, 'reauthentication', account.id, account.email, account.locale, now);
    RETURN jsonb_build_object(
        'session_status', status, 'outcome', 'done', 'mails', edgegate.queued_mails(prepared_mails)
    );
END
$$;
