-- migrate:up

-- Who had an address until an administrator changed it is told so (ASVS 6.3.7), and an invitation that waits in the outbox is given up
-- when its link dies, as every other mail with a link. Functions that are here replace earlier ones of the same name.

-- Changes an account: all of it or nothing. `changes` is `db::administration::Changes`. A new password and a ban end its sessions; these
-- two and another address end its open links and a change of address under way. Outcomes: 'done', 'no_user', 'no_address',
-- 'email_exists', 'metadata_too_large'.
CREATE OR REPLACE FUNCTION edgegate.update_user_by_administrator(owner uuid, changes jsonb, drafts jsonb, caller jsonb, at timestamptz)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    most integer := (changes ->> 'metadata_max_bytes')::integer;
    bans boolean := changes ->> 'banned_until' IS NOT NULL;
    rekeys boolean := changes ? 'new_hash';
    moves boolean;
    confirms boolean;
    actions text[] := '{}';
    before edgegate.users;
    new_user_metadata jsonb;
    new_app_metadata jsonb;
    ended uuid[] := '{}';
BEGIN
    SELECT * INTO before FROM edgegate.users u WHERE u.id = owner AND u.deleted_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'no_user');
    END IF;
    IF NOT EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = (caller ->> 'audit_id')::uuid) THEN
        moves := changes ? 'email' AND lower((changes ->> 'email') COLLATE "C") IS DISTINCT FROM before.email_key;
        confirms := changes ? 'confirmed' AND before.email_confirmed_at IS NULL;
        new_user_metadata := edgegate.merge_metadata(before.user_metadata, changes -> 'user_metadata');
        new_app_metadata := edgegate.merge_metadata(before.app_metadata, changes -> 'app_metadata');
        IF (rekeys OR confirms) AND before.email IS NULL AND NOT changes ? 'email' THEN
            RETURN jsonb_build_object('outcome', 'no_address');
        END IF;
        IF (changes ? 'user_metadata' AND octet_length(new_user_metadata::text) > most)
            OR (changes ? 'app_metadata' AND octet_length(new_app_metadata::text) > most)
        THEN
            RETURN jsonb_build_object('outcome', 'metadata_too_large');
        END IF;
        BEGIN
            UPDATE edgegate.users u SET
                email = coalesce(changes ->> 'email', u.email),
                email_confirmed_at = CASE WHEN confirms THEN at ELSE u.email_confirmed_at END,
                is_anonymous = u.is_anonymous AND NOT changes ? 'email',
                password_hash = coalesce(changes ->> 'new_hash', u.password_hash),
                banned_until = CASE
                    WHEN changes ? 'banned_until' THEN (changes ->> 'banned_until')::timestamptz
                    ELSE u.banned_until
                END,
                role = coalesce(changes ->> 'role', u.role),
                user_metadata = CASE WHEN changes ? 'user_metadata' THEN new_user_metadata ELSE u.user_metadata END,
                app_metadata = CASE WHEN changes ? 'app_metadata' THEN new_app_metadata ELSE u.app_metadata END || CASE
                    WHEN u.is_anonymous AND changes ? 'email' THEN '{"provider": "email", "providers": ["email"]}'
                    ELSE '{}'
                END::jsonb,
                locale = coalesce(changes ->> 'locale', u.locale),
                updated_at = at
            WHERE u.id = owner;
        EXCEPTION WHEN unique_violation THEN
            RETURN jsonb_build_object('outcome', 'email_exists');
        END;
        IF changes ? 'banned_until' THEN
            actions := actions || CASE WHEN bans THEN 'banned' ELSE 'unbanned' END;
        END IF;
        IF rekeys THEN
            actions := actions || 'password_changed'::text;
        END IF;
        IF moves THEN
            actions := actions || 'email_changed'::text;
        END IF;
        IF confirms THEN
            actions := actions || 'email_confirmed'::text;
        END IF;
        IF changes ?| ARRAY['user_metadata', 'app_metadata', 'role'] OR actions = '{}' THEN
            actions := actions || 'updated'::text;
        END IF;
        PERFORM edgegate.record_administration(owner, actions, caller, at);
        IF bans OR rekeys OR moves THEN
            PERFORM edgegate.end_links(owner, at);
        END IF;
        IF moves THEN
            IF before.email_confirmed_at IS NOT NULL THEN
                PERFORM edgegate.queue_mail(drafts, 'email_changed', owner, before.email, before.locale, at);
            END IF;
            -- Nor may an earlier change be taken back any more: the operator has the last word.
            UPDATE edgegate.one_time_tokens t SET expires_at = least(t.expires_at, at)
            WHERE t.user_id = owner AND t.kind = 'email_change_undo' AND t.consumed_at IS NULL;
            PERFORM edgegate.drop_dead_mail(owner, ARRAY['email_change_current'], NULL, at);
        END IF;
        IF confirms THEN
            UPDATE edgegate.one_time_tokens t SET expires_at = least(t.expires_at, at)
            WHERE t.user_id = owner AND t.kind = 'signup' AND t.consumed_at IS NULL;
            PERFORM edgegate.drop_dead_mail(owner, ARRAY['confirm_signup'], NULL, at);
        END IF;
        IF bans OR rekeys THEN
            PERFORM edgegate.end_sessions(owner, NULL, at);
        END IF;
        IF rekeys AND before.email_confirmed_at IS NOT NULL THEN
            PERFORM edgegate.queue_mail(drafts, 'password_changed', owner, before.email, before.locale, at);
        END IF;
    END IF;
    IF bans OR rekeys THEN
        ended := ARRAY (SELECT s.id FROM edgegate.sessions s WHERE s.user_id = owner AND s.revoked_at = at);
    END IF;
    RETURN jsonb_build_object(
        'outcome', 'done',
        'account', (SELECT to_jsonb(u) - 'password_hash' FROM edgegate.users u WHERE u.id = owner),
        'ended', ended,
        'mails', edgegate.queued(drafts)
    );
END
$$;

-- Kills every link and code of an account that is still open, and what links were traded for; a change of address under way ends.
-- Not the link that takes a change of address back: it is for the owner, against whoever made the change; so the mail that has it
-- is still sent.
CREATE OR REPLACE FUNCTION edgegate.end_links(owner uuid, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.one_time_tokens t SET
        expires_at = least(t.expires_at, at),
        auth_code_expires_at = least(t.auth_code_expires_at, at)
    WHERE t.user_id = owner AND t.kind <> 'email_change_undo' AND t.consumed_at IS NULL;
    PERFORM edgegate.drop_dead_mail(
        owner,
        ARRAY['confirm_signup', 'sign_in', 'invite', 'recovery', 'email_change_new', 'reauthentication'],
        NULL,
        at
    );
    UPDATE edgegate.users u SET
        new_email = NULL,
        email_change_current_at = NULL,
        email_change_new_at = NULL
    WHERE u.id = owner AND u.new_email IS NOT NULL;
END
$$;

-- Queues the draft of this kind, if there is one, and a recipient. To an address that bounced or complained nothing is sent: then the row says
-- why, and the text is kept for when the address is allowed again. While the provider wants to be left alone, the Cron Trigger
-- sends it afterwards. Of notices that whoever knows the password can cause, an account gets five an hour: a mailbox is not to be flooded.
CREATE OR REPLACE FUNCTION edgegate.queue_mail(drafts jsonb, mail_kind text, owner uuid, recipient text, mail_locale text, at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    draft jsonb := drafts -> mail_kind;
    suppressed text;
    pause timestamptz;
BEGIN
    IF draft IS NULL OR recipient IS NULL THEN
        RETURN;
    END IF;
    IF mail_kind IN ('new_device', 'password_changed') AND (
        SELECT count(*)
        FROM edgegate.outbox o
        WHERE o.user_id = owner AND o.kind = mail_kind AND o.created_at > at - interval '1 hour' AND o.id <> (draft ->> 'id')::uuid
    ) >= 5 THEN
        RETURN;
    END IF;
    SELECT s.reason INTO suppressed FROM edgegate.mail_suppressions s WHERE s.email_key = lower(recipient COLLATE "C");
    SELECT p.paused_until INTO pause FROM edgegate.mail_pause p WHERE p.paused_until > at;
    INSERT INTO edgegate.outbox (
        id, user_id, kind, locale, recipient, sealed, created_at, expires_at, attempts, next_attempt_at, failed_at, last_error
    )
    VALUES (
        (draft ->> 'id')::uuid,
        owner,
        mail_kind,
        mail_locale,
        recipient,
        decode(draft ->> 'sealed', 'hex'),
        at,
        (draft ->> 'expires_at')::timestamptz,
        CASE WHEN suppressed IS NULL AND pause IS NULL THEN 1 ELSE 0 END,
        CASE WHEN suppressed IS NULL THEN coalesce(pause, (draft ->> 'lease_until')::timestamptz) END,
        CASE WHEN suppressed IS NOT NULL THEN at END,
        left('suppressed: ' || suppressed, 500)
    )
    ON CONFLICT (id) DO NOTHING;
    IF mail_kind IN ('confirm_signup', 'sign_in', 'invite', 'recovery', 'email_change_current', 'email_change_new', 'reauthentication') THEN
        PERFORM edgegate.drop_dead_mail(owner, ARRAY[mail_kind], (draft ->> 'id')::uuid, at);
    END IF;
END
$$;

-- migrate:down
-- Forward only: a mistake is mended by another migration.
