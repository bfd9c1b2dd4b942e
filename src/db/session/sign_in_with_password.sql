-- Signs in with a password that was right: resets its throttles, replaces the hash by one with
-- today's parameters, if there is a new one, and records it. Where the hash is replaced the
-- password is not, so the sessions of the account go on. Null if the password was changed or the
-- account banned or deleted in the meantime.
CREATE OR REPLACE FUNCTION edgegate.sign_in_with_password(
    user_id uuid,
    verified_hash text,
    new_hash text,
    network_key bytea,
    account_here_key bytea,
    account_key bytea,
    new_session jsonb,
    prepared_mails jsonb,
    now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    -- Once: sent again, this statement finds its session.
    IF NOT EXISTS (SELECT FROM edgegate.sessions s WHERE s.id = (new_session ->> 'id')::uuid) THEN
        PERFORM edgegate.reset_throttle(network_key, account_here_key, account_key);
    END IF;
    UPDATE edgegate.users u SET password_hash = coalesce(new_hash, u.password_hash)
    WHERE u.id = sign_in_with_password.user_id
        AND u.password_hash IN (verified_hash, new_hash)
        AND u.email_confirmed_at IS NOT NULL
        AND (u.banned_until IS NULL OR u.banned_until <= now);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF new_hash IS NOT NULL THEN
        UPDATE edgegate.sessions s SET password_version = u.password_version
        FROM edgegate.users u
        WHERE u.id = sign_in_with_password.user_id
            AND s.user_id = u.id
            AND s.revoked_at IS NULL
            AND s.password_version <> u.password_version;
    END IF;
    PERFORM edgegate.record_event(new_session, sign_in_with_password.user_id, 'signed_in', now);
    PERFORM edgegate.sign_in(sign_in_with_password.user_id, new_session, prepared_mails, now);
    RETURN edgegate.sign_in_result(sign_in_with_password.user_id, prepared_mails, now);
END
$$;
