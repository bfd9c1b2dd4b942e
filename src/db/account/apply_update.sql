-- Makes the changes that a user asks for, see edgegate.update_user, to an account whose row the
-- caller has locked.
CREATE OR REPLACE FUNCTION edgegate.apply_update(
    account edgegate.users,
    session_id uuid,
    changes jsonb,
    throttle_key bytea,
    links jsonb,
    prepared_mails jsonb,
    now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.users u SET
        user_metadata = CASE
            WHEN changes ? 'metadata' THEN edgegate.merge_metadata(account.user_metadata, changes -> 'metadata')
            ELSE u.user_metadata
        END,
        locale = coalesce(changes ->> 'locale', u.locale),
        updated_at = now
    WHERE u.id = account.id;
    IF changes ? 'new_hash' THEN
        DELETE FROM edgegate.throttles t WHERE t.key = throttle_key;
        PERFORM edgegate.set_password(account.id, changes ->> 'new_hash', apply_update.session_id, now);
        PERFORM edgegate.queue_mail(prepared_mails, 'password_changed', account.id, account.email, account.locale, now);
    END IF;
    IF changes ? 'email' THEN
        PERFORM edgegate.request_email_change(account.id, changes ->> 'email', links, prepared_mails, now);
    END IF;
END
$$;
