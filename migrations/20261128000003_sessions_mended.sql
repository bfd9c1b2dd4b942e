-- migrate:up

-- ---- Which session KV is told of first ----
--
-- After an outage of Workers KV, or when thousands of accounts are banned at once, more notes wait than one run of the Cron Trigger may
-- tell. Without an order some could wait for ever while newer ones go.
ALTER TABLE edgegate.revocations ADD COLUMN noted_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN edgegate.revocations.noted_at IS 'When it ended. Of those that KV has to be told of, the longest noted comes first.';

-- ---- Whose session a note is of ----
--
-- The statement that deletes an account may be sent twice, since its first answer may be lost. By then the sessions are gone with the
-- account; by their notes the second answer can name them all the same, so that KV is told at once and not by the next Cron Trigger.
ALTER TABLE edgegate.revocations ADD COLUMN user_id uuid;
COMMENT ON COLUMN edgegate.revocations.user_id IS 'Whose session it was; without a foreign key, since the note outlives the account.';

CREATE OR REPLACE FUNCTION edgegate.note_revocation() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO edgegate.revocations (session_id, user_id, refreshed_at)
    VALUES (old.id, old.user_id, old.refreshed_at)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

-- ---- A session ends with the password under which it was opened ----
--
-- Whatever changes or voids a password ends the other sessions of the account: our own functions do so by themselves, and now a
-- password that was changed in any other way does so too, such as by a statement typed by hand. Passwords are counted; a session
-- carries the count of its day; and when a transaction that changed one commits, the sessions with an older count end. Only at
-- its end, since one statement may set a password and open a session, or keep the one that asked for the change.
ALTER TABLE edgegate.users ADD COLUMN password_version integer NOT NULL DEFAULT 0;
ALTER TABLE edgegate.sessions ADD COLUMN password_version integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN edgegate.users.password_version IS 'How often the password was changed or voided. The same password under another hash counts too; see sign_in_with_password.';
COMMENT ON COLUMN edgegate.sessions.password_version IS 'That of the account when the session was opened, or kept through a change. A session whose account has another ends.';

CREATE FUNCTION edgegate.count_password() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    new.password_version := old.password_version + 1;
    RETURN new;
END
$$;
CREATE TRIGGER password_changed BEFORE UPDATE OF password_hash ON edgegate.users
FOR EACH ROW WHEN (old.password_hash IS DISTINCT FROM new.password_hash) EXECUTE FUNCTION edgegate.count_password();

CREATE FUNCTION edgegate.take_password_version() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    new.password_version := coalesce((SELECT u.password_version FROM edgegate.users u WHERE u.id = new.user_id), 0);
    RETURN new;
END
$$;
CREATE TRIGGER session_opened BEFORE INSERT ON edgegate.sessions
FOR EACH ROW EXECUTE FUNCTION edgegate.take_password_version();

CREATE FUNCTION edgegate.end_sessions_of_older_passwords() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- The count of now, not that of the change: there may have been another since.
    UPDATE edgegate.sessions s SET revoked_at = now()
    FROM edgegate.users u
    WHERE u.id = new.id AND s.user_id = u.id AND s.revoked_at IS NULL AND s.password_version <> u.password_version;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER password_replaced AFTER UPDATE OF password_hash ON edgegate.users
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (old.password_hash IS DISTINCT FROM new.password_hash)
EXECUTE FUNCTION edgegate.end_sessions_of_older_passwords();

-- As before, and the session that stays goes on under the password of now.
CREATE OR REPLACE FUNCTION edgegate.end_sessions(owner uuid, but_not uuid, at timestamptz) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ended uuid[];
BEGIN
    WITH ending AS (
        UPDATE edgegate.sessions s SET revoked_at = at
        WHERE s.user_id = owner
            AND s.id IS DISTINCT FROM but_not
            AND s.expires_at > at
            AND (s.revoked_at IS NULL OR s.revoked_at = at)
        RETURNING s.id
    )
    SELECT coalesce(array_agg(id), '{}') INTO ended FROM ending;
    UPDATE edgegate.sessions s SET password_version = u.password_version
    FROM edgegate.users u
    WHERE s.id = but_not AND u.id = owner AND s.user_id = u.id AND s.password_version <> u.password_version;
    RETURN ended;
END
$$;

-- As before, and where the hash is replaced the password is not, so the sessions of the account go on.
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

-- migrate:down
-- Forward only: a mistake is mended by another migration.
