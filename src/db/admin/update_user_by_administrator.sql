-- Changes an account: all of it or nothing. `changes` is `AdminChanges` in Rust. A new password and
-- a ban end its sessions; these two and another address end its open links and a change of address
-- under way. Outcomes: 'done', 'no_user', 'no_address', 'email_exists', 'metadata_too_large'.
CREATE OR REPLACE FUNCTION edgegate.update_user_by_administrator(
    user_id uuid, changes jsonb, prepared_mails jsonb, audit jsonb, now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    before edgegate.users;
    obstacle text;
    actions text[];
BEGIN
    SELECT * INTO before
    FROM edgegate.users u
    WHERE u.id = update_user_by_administrator.user_id AND u.deleted_at IS NULL
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'no_user');
    END IF;
    IF NOT EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = (audit ->> 'audit_id')::uuid) THEN
        obstacle := edgegate.user_change_obstacle(before, changes);
        IF obstacle IS NOT NULL THEN
            RETURN jsonb_build_object('outcome', obstacle);
        END IF;
        BEGIN
            PERFORM edgegate.write_user_changes(before, changes, now);
        EXCEPTION WHEN unique_violation THEN
            RETURN jsonb_build_object('outcome', 'email_exists');
        END;
        actions := edgegate.user_change_actions(before, changes);
        PERFORM edgegate.record_events(audit, before.id, actions, now);
        IF 'email_changed' = ANY (actions) THEN
            PERFORM edgegate.end_earlier_addresses(before, prepared_mails, now);
        END IF;
        IF 'email_confirmed' = ANY (actions) THEN
            PERFORM edgegate.expire_links(before.id, ARRAY['signup'], now);
            PERFORM edgegate.drop_dead_mail(before.id, ARRAY['confirm_signup'], NULL, now);
        END IF;
        IF changes ? 'new_hash' THEN
            PERFORM edgegate.set_password(before.id, changes ->> 'new_hash', NULL, now);
            IF before.email_confirmed_at IS NOT NULL THEN
                PERFORM edgegate.queue_mail(
                    prepared_mails, 'password_changed', before.id, before.email, before.locale, now
                );
            END IF;
        ELSIF 'banned' = ANY (actions) THEN
            PERFORM edgegate.end_access(before.id, now);
        END IF;
    END IF;
    RETURN jsonb_build_object(
        'outcome', 'done',
        'account', (SELECT edgegate.account(u) FROM edgegate.users u WHERE u.id = before.id),
        'ended', CASE
            WHEN changes ? 'new_hash' OR changes ->> 'banned_until' IS NOT NULL
                THEN edgegate.sessions_ended_at(before.id, now)
            ELSE '{}'
        END,
        'mails', edgegate.queued_mails(prepared_mails)
    );
END
$$;
