-- Changes an account: all of it or nothing. `changes` is `db::administration::Changes`. A new
-- password and a ban end its sessions; these two and another address end its open links and a
-- change of address under way. Outcomes: 'done', 'no_user', 'no_address', 'email_exists',
-- 'metadata_too_large'.
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
