-- Mails a code to somebody signed in. Returns the caller's standing and, if that is good, an
-- outcome: 'done', 'wait', 'no_address' (the account has none to mail it to), 'stale' (the code is
-- for another address than the account's).
CREATE OR REPLACE FUNCTION edgegate.mail_nonce(
    owner uuid,
    session_id uuid,
    idle_since timestamptz,
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
    standing text := edgegate.standing(owner, session_id, at, idle_since, NULL);
    wait integer;
    account edgegate.users;
BEGIN
    IF standing <> 'good' THEN
        RETURN jsonb_build_object('standing', standing);
    END IF;
    -- Counters before the account, like everybody who locks both.
    wait := edgegate.count_mail(counters, request_id, at);
    standing := edgegate.locked_standing(owner, session_id, at, idle_since, NULL);
    IF standing <> 'good' THEN
        RETURN jsonb_build_object('standing', standing);
    END IF;
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    IF account.email IS NULL THEN
        RETURN jsonb_build_object('standing', standing, 'outcome', 'no_address');
    END IF;
    IF links -> 'reauthentication' ->> 'address_key' IS DISTINCT FROM account.email_key THEN
        RETURN jsonb_build_object('standing', standing, 'outcome', 'stale');
    END IF;
    IF wait > 0 THEN
        RETURN jsonb_build_object('standing', standing, 'outcome', 'wait', 'wait', wait);
    END IF;
    UPDATE edgegate.users u SET reauthentication_sent_at = at WHERE u.id = owner;
    PERFORM edgegate.issue_link(owner, 'reauthentication', links, at);
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    VALUES (request_id, owner, 'reauthentication_mailed', (caller ->> 'ip')::inet, caller ->> 'user_agent', at)
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.queue_mail(drafts, 'reauthentication', owner, account.email, account.locale, at);
    RETURN jsonb_build_object('standing', standing, 'outcome', 'done', 'mails', edgegate.queued(drafts));
END
$$;
