-- Changes what a user asks for: all of it or nothing. `changes` may have "new_hash", "metadata"
-- (merged into what there is; a null removes a member), "locale", "email". A new password ends the
-- other sessions, every open link and a change of address under way. Returns the status of the
-- session and, if that is valid, an outcome: 'done', 'wait', 'metadata_too_large', 'no_address' (a
-- password without an address to sign in with), 'stale' (the links are for another address than the
-- account's), or why the user was not reauthenticated.
CREATE OR REPLACE FUNCTION edgegate.update_user(
    user_id uuid,
    session_id uuid,
    idle_since timestamptz,
    changes jsonb,
    reauthentication jsonb,
    failures_since timestamptz,
    max_failures integer,
    throttle_key bytea,
    mail_limits jsonb,
    links jsonb,
    prepared_mails jsonb,
    audit jsonb,
    now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := audit ->> 'audit_id';
    status text := edgegate.session_status(update_user.user_id, update_user.session_id, now, idle_since, request_id);
    account edgegate.users;
    obstacle text;
    wait integer := 0;
BEGIN
    IF status <> 'valid' THEN
        RETURN jsonb_build_object('session_status', status);
    END IF;
    -- Counters before the account, like every statement that locks both.
    IF changes ? 'email'
        AND NOT EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = request_id AND e.action <> 'wrong_code') THEN
        wait := edgegate.throttle_mail(mail_limits, request_id, now);
    END IF;
    status := edgegate.session_status_for_update(
        update_user.user_id, update_user.session_id, now, idle_since, request_id
    );
    IF status <> 'valid' THEN
        RETURN jsonb_build_object('session_status', status);
    END IF;
    IF NOT EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = request_id AND e.action <> 'wrong_code') THEN
        SELECT * INTO account FROM edgegate.users u WHERE u.id = update_user.user_id;
        obstacle := edgegate.update_obstacle(account, changes, links, wait);
        IF obstacle IS NULL AND changes ? 'new_hash' THEN
            obstacle := nullif(
                edgegate.reauthenticate(account.id, reauthentication, request_id, failures_since, max_failures, now),
                'good'
            );
        END IF;
        IF obstacle IS NOT NULL THEN
            RETURN jsonb_build_object('session_status', status, 'outcome', obstacle, 'wait', wait);
        END IF;
        PERFORM edgegate.record_event(audit, account.id, CASE
            WHEN changes ? 'new_hash' THEN 'password_changed'
            WHEN changes ? 'email' THEN 'email_change_requested'
            ELSE 'updated'
        END, now);
        PERFORM edgegate.apply_update(
            account, update_user.session_id, changes, throttle_key, links, prepared_mails, now
        );
    END IF;
    RETURN jsonb_build_object(
        'session_status', status,
        'outcome', 'done',
        'account', (SELECT edgegate.account(u) FROM edgegate.users u WHERE u.id = update_user.user_id),
        'ended', CASE
            WHEN changes ? 'new_hash' THEN edgegate.sessions_ended_at(update_user.user_id, now)
            ELSE '{}'
        END,
        'mails', edgegate.queued_mails(prepared_mails)
    );
END
$$;
