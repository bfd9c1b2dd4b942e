-- Changes what the caller asks for: all of it or nothing. `changes` may have "new_hash", "metadata"
-- (merged into what there is; a null removes a member), "locale", "email". A new password ends the
-- other sessions, every open link and a change of address under way. Returns the caller's standing
-- and, if that is good, an outcome: 'done', 'wait', 'metadata_too_large', 'no_address' (a password
-- without an address to sign in with), 'stale' (the links are for another address than the
-- account's), or why the proof failed.
CREATE OR REPLACE FUNCTION edgegate.update_user(
    owner uuid,
    session_id uuid,
    idle_since timestamptz,
    changes jsonb,
    proof jsonb,
    failures_since timestamptz,
    most_failures integer,
    attempts_key bytea,
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
    standing text := edgegate.standing(owner, session_id, at, idle_since, request_id);
    account edgegate.users;
    metadata jsonb;
    outcome text := 'done';
    wait integer := 0;
    ended uuid[] := '{}';
BEGIN
    IF standing <> 'good' THEN
        RETURN jsonb_build_object('standing', standing);
    END IF;
    -- Counters before the account, like everybody who locks both.
    IF changes ? 'email'
        AND NOT EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = request_id AND e.action <> 'wrong_code') THEN
        wait := edgegate.count_mail(counters, request_id, at);
    END IF;
    standing := edgegate.locked_standing(owner, session_id, at, idle_since, request_id);
    IF standing <> 'good' THEN
        RETURN jsonb_build_object('standing', standing);
    END IF;
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    IF NOT EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = request_id AND e.action <> 'wrong_code') THEN
        SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}') INTO metadata
        FROM jsonb_each(account.user_metadata || coalesce(changes -> 'metadata', '{}')) AS m
        WHERE m.value <> 'null';
        IF octet_length(metadata::text) > (changes ->> 'metadata_max_bytes')::integer THEN
            outcome := 'metadata_too_large';
        ELSIF changes ? 'new_hash' AND account.email IS NULL AND NOT changes ? 'email' THEN
            outcome := 'no_address';
        ELSIF changes ? 'email' AND links -> 'email_change_current' ->> 'address_key' IS DISTINCT FROM account.email_key THEN
            outcome := 'stale';
        ELSIF wait > 0 THEN
            outcome := 'wait';
        END IF;
        IF outcome = 'done' AND changes ? 'new_hash' THEN
            outcome := edgegate.prove(owner, proof, request_id, failures_since, most_failures, at);
            outcome := CASE outcome WHEN 'good' THEN 'done' ELSE outcome END;
        END IF;
        IF outcome <> 'done' THEN
            RETURN jsonb_build_object('standing', standing, 'outcome', outcome, 'wait', wait);
        END IF;
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        VALUES (
            request_id,
            owner,
            CASE
                WHEN changes ? 'new_hash' THEN 'password_changed'
                WHEN changes ? 'email' THEN 'email_change_requested'
                ELSE 'updated'
            END,
            (caller ->> 'ip')::inet,
            caller ->> 'user_agent',
            at
        );
        UPDATE edgegate.users u SET
            user_metadata = CASE WHEN changes ? 'metadata' THEN metadata ELSE u.user_metadata END,
            locale = coalesce(changes ->> 'locale', u.locale),
            password_hash = coalesce(changes ->> 'new_hash', u.password_hash),
            updated_at = at
        WHERE u.id = owner;
        IF changes ? 'new_hash' THEN
            DELETE FROM edgegate.attempts a WHERE a.key = attempts_key;
            PERFORM edgegate.end_links(owner, at);
            PERFORM edgegate.end_sessions(owner, session_id, at);
            PERFORM edgegate.queue_mail(drafts, 'password_changed', owner, account.email, account.locale, at);
        END IF;
        IF changes ? 'email' THEN
            UPDATE edgegate.users u SET
                new_email = changes ->> 'email',
                email_change_current_at = NULL,
                email_change_new_at = NULL
            WHERE u.id = owner;
            PERFORM edgegate.mail_email_change(owner, links, drafts, at);
        END IF;
    END IF;
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    IF changes ? 'new_hash' THEN
        ended := ARRAY (SELECT s.id FROM edgegate.sessions s WHERE s.user_id = owner AND s.revoked_at = at);
    END IF;
    RETURN jsonb_build_object(
        'standing', standing,
        'outcome', outcome,
        'account', to_jsonb(account) - 'password_hash',
        'ended', ended,
        'mails', edgegate.queued(drafts)
    );
END
$$;
