-- Signs in with a password that was right: forgives the failures, replaces the hash by one with
-- today's parameters, if there is a new one, and records it. Where the hash is replaced the
-- password is not, so the sessions of the account go on. Null if the password was changed or the
-- account banned or deleted in the meantime.
CREATE OR REPLACE FUNCTION edgegate.sign_in_with_password(
    owner uuid,
    verified_hash text,
    new_hash text,
    network_key bytea,
    account_here_key bytea,
    account_key bytea,
    opening jsonb,
    drafts jsonb,
    at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    -- Once: sent again, this statement finds its session.
    IF NOT EXISTS (SELECT FROM edgegate.sessions s WHERE s.id = (opening ->> 'id')::uuid) THEN
        PERFORM edgegate.forgive_attempts(network_key, account_here_key, account_key);
    END IF;
    UPDATE edgegate.users u SET password_hash = coalesce(new_hash, u.password_hash)
    WHERE u.id = owner
        AND u.password_hash IN (verified_hash, new_hash)
        AND u.email_confirmed_at IS NOT NULL
        AND (u.banned_until IS NULL OR u.banned_until <= at);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF new_hash IS NOT NULL THEN
        UPDATE edgegate.sessions s SET password_version = u.password_version
        FROM edgegate.users u
        WHERE u.id = owner AND s.user_id = u.id AND s.revoked_at IS NULL AND s.password_version <> u.password_version;
    END IF;
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    VALUES (
        (opening ->> 'audit_id')::uuid,
        owner,
        'signed_in',
        (opening ->> 'ip')::inet,
        opening ->> 'user_agent',
        at
    )
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.sign_in(owner, opening, drafts, at);
    RETURN edgegate.opened(owner, drafts, at);
END
$$;
