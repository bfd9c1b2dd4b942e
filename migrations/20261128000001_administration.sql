-- migrate:up

-- ---- What an operator sets on an account ----

ALTER TABLE edgegate.users
    ADD COLUMN role text NOT NULL DEFAULT 'authenticated' CHECK (length(role) BETWEEN 1 AND 63),
    ADD COLUMN invited_at timestamptz,
    ADD COLUMN deleted_at timestamptz;
COMMENT ON COLUMN edgegate.users.role IS 'The claim role of its access tokens, for row level security in the app. Never a role that administers.';
COMMENT ON COLUMN edgegate.users.invited_at IS 'When an operator invited this address.';
COMMENT ON COLUMN edgegate.users.deleted_at IS 'When an operator deleted the account softly: the row and its id stay, address, password and metadata are gone.';

-- What the list of accounts is sorted and searched by.
CREATE INDEX users_created_at ON edgegate.users (created_at DESC, id);
CREATE INDEX users_email_prefix ON edgegate.users (email_key text_pattern_ops);

-- ---- Who administers ----

CREATE TABLE edgegate.api_keys (
    id           uuid PRIMARY KEY,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    key_digest   bytea NOT NULL UNIQUE CHECK (length(key_digest) = 32),
    scopes       text[] NOT NULL CHECK (
        cardinality(scopes) > 0
        AND scopes <@ ARRAY['users:read', 'users:write', 'links:write', 'audit:read']
    ),
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz CHECK (isfinite(expires_at)),
    last_used_at timestamptz,
    revoked_at   timestamptz
);
COMMENT ON TABLE edgegate.api_keys IS 'Keys with which programs of the operator''s call the admin API. Made and revoked by npm run admin -- key.';
COMMENT ON COLUMN edgegate.api_keys.id IS 'Names the key in lists and in the audit trail.';
COMMENT ON COLUMN edgegate.api_keys.name IS 'What the operator calls it: whose it is, or what for.';
COMMENT ON COLUMN edgegate.api_keys.key_digest IS 'SHA-256 of the key, which is 256 random bits; useless for calling.';
COMMENT ON COLUMN edgegate.api_keys.scopes IS 'What it may do.';
COMMENT ON COLUMN edgegate.api_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN edgegate.api_keys.expires_at IS 'From then on it is refused. Null: never.';
COMMENT ON COLUMN edgegate.api_keys.last_used_at IS 'Newest call with it, to the minute.';
COMMENT ON COLUMN edgegate.api_keys.revoked_at IS 'When it was revoked; it is refused since.';

ALTER TABLE edgegate.audit_events ADD COLUMN actor text CHECK (length(actor) <= 100);
COMMENT ON COLUMN edgegate.audit_events.actor IS 'Which program of the operator''s did it: service_token, or api_key: and its id. Null: the user, or edgegate itself.';

-- ---- What administrators do to accounts ----
--
-- `caller` is `db::sessions::Trace`: who did it. Each function says with the same outcome what it did when it is sent twice.

-- Takes out of the audit trail of an account where its owner was. The records of operators are told by `actor`; the three actions are
-- those that only operators did before there was that column.
CREATE FUNCTION edgegate.forget_whereabouts(owner uuid) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.audit_events e SET ip = NULL, user_agent = NULL
    WHERE e.user_id = owner
        AND e.actor IS NULL
        AND e.action NOT IN ('banned', 'unbanned', 'deleted')
        AND (e.ip IS NOT NULL OR e.user_agent IS NOT NULL)
$$;

-- What an operator did to an account keeps saying from where, also once the account is gone: it says nothing about its owner.
CREATE OR REPLACE FUNCTION edgegate.bury_user() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO edgegate.deleted_users (id, deleted_at) VALUES (old.id, now()) ON CONFLICT DO NOTHING;
    PERFORM edgegate.forget_whereabouts(old.id);
    RETURN NULL;
END
$$;

-- Records what was done, one event for each action. The first has the id of the request: where it is, everything was done before.
CREATE FUNCTION edgegate.record_administration(owner uuid, actions text[], caller jsonb, at timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, actor, created_at)
    SELECT
        CASE done.place WHEN 1 THEN (caller ->> 'audit_id')::uuid ELSE gen_random_uuid() END,
        owner,
        done.action,
        (caller ->> 'ip')::inet,
        caller ->> 'user_agent',
        caller ->> 'actor',
        at
    FROM unnest(actions) WITH ORDINALITY AS done (action, place)
    ON CONFLICT (id) DO NOTHING
$$;

-- Metadata with members set; null removes one.
CREATE FUNCTION edgegate.merge_metadata(metadata jsonb, changes jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}')
    FROM jsonb_each(metadata || coalesce(changes, '{}')) AS m
    WHERE m.value <> 'null'
$$;

-- Makes an account. Outcomes: 'created', 'email_exists', 'id_exists' (also of an account that is gone).
CREATE FUNCTION edgegate.create_user(new_account jsonb, caller jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    owner uuid := (new_account ->> 'id')::uuid;
    outcome text;
    account jsonb;
BEGIN
    IF EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = (caller ->> 'audit_id')::uuid) THEN
        outcome := 'created'; -- sent again
    END IF;
    -- Once more if what stood in the way was deleted a moment later.
    WHILE outcome IS NULL LOOP
        INSERT INTO edgegate.users (
            id,
            email,
            password_hash,
            email_confirmed_at,
            banned_until,
            role,
            app_metadata,
            user_metadata,
            locale,
            created_at,
            updated_at
        )
        VALUES (
            owner,
            new_account ->> 'email',
            new_account ->> 'password_hash',
            CASE WHEN (new_account ->> 'confirmed')::boolean THEN at END,
            (new_account ->> 'banned_until')::timestamptz,
            new_account ->> 'role',
            new_account -> 'app_metadata',
            new_account -> 'user_metadata',
            new_account ->> 'locale',
            at,
            at
        )
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            outcome := 'created';
            PERFORM edgegate.record_administration(owner, ARRAY['created'], caller, at);
        ELSIF EXISTS (SELECT FROM edgegate.users u WHERE u.email_key = lower((new_account ->> 'email') COLLATE "C")) THEN
            outcome := 'email_exists';
        ELSIF EXISTS (SELECT FROM edgegate.users u WHERE u.id = owner)
            OR EXISTS (SELECT FROM edgegate.deleted_users d WHERE d.id = owner)
        THEN
            outcome := 'id_exists';
        END IF;
    END LOOP;
    IF outcome = 'created' THEN
        SELECT to_jsonb(u) - 'password_hash' INTO account FROM edgegate.users u WHERE u.id = owner;
        outcome := CASE WHEN account IS NULL THEN 'id_exists' ELSE outcome END; -- deleted since
    END IF;
    RETURN jsonb_build_object('outcome', outcome, 'account', account);
END
$$;

-- Changes an account: all of it or nothing. `changes` is `db::administration::Changes`. A new password and a ban end its sessions; these
-- two and another address end its open links and a change of address under way. Outcomes: 'done', 'no_user', 'no_address',
-- 'email_exists', 'metadata_too_large'.
CREATE FUNCTION edgegate.update_user_by_administrator(owner uuid, changes jsonb, drafts jsonb, caller jsonb, at timestamptz)
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

-- Deletes an account and keeps its row: address, password, metadata, links, devices, queued mails go, and nothing leads to it any more. A
-- deletion that its owner asked for comes all the same. Returns the sessions that ended; null if there is no such account.
CREATE FUNCTION edgegate.delete_user_softly(owner uuid, caller jsonb, at timestamptz) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
BEGIN
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF account.deleted_at IS NULL THEN
        PERFORM edgegate.end_sessions(owner, NULL, at);
        UPDATE edgegate.sessions s SET ip = NULL, user_agent = NULL WHERE s.user_id = owner;
        DELETE FROM edgegate.one_time_tokens t WHERE t.user_id = owner;
        DELETE FROM edgegate.devices d WHERE d.user_id = owner;
        DELETE FROM edgegate.outbox o WHERE o.user_id = owner;
        UPDATE edgegate.users u SET
            email = NULL,
            new_email = NULL,
            password_hash = NULL,
            email_confirmed_at = NULL,
            email_change_current_at = NULL,
            email_change_new_at = NULL,
            user_metadata = '{}',
            app_metadata = '{}',
            deleted_at = at,
            updated_at = at
        WHERE u.id = owner;
        PERFORM edgegate.forget_whereabouts(owner);
        PERFORM edgegate.record_administration(owner, ARRAY['soft_deleted'], caller, at);
    END IF;
    RETURN ARRAY (SELECT s.id FROM edgegate.sessions s WHERE s.user_id = owner AND s.revoked_at = at);
END
$$;

-- Ends one session of an account, or all of them for null. Outcomes: 'done', 'no_user', 'no_session'.
CREATE FUNCTION edgegate.end_sessions_by_administrator(owner uuid, one uuid, caller jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ended uuid[];
BEGIN
    PERFORM FROM edgegate.users u WHERE u.id = owner FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'no_user');
    END IF;
    IF one IS NULL THEN
        ended := edgegate.end_sessions(owner, NULL, at);
    ELSE
        PERFORM FROM edgegate.sessions s WHERE s.id = one AND s.user_id = owner;
        IF NOT FOUND THEN
            RETURN jsonb_build_object('outcome', 'no_session');
        END IF;
        WITH ending AS (
            UPDATE edgegate.sessions s SET revoked_at = at
            WHERE s.id = one AND s.expires_at > at AND (s.revoked_at IS NULL OR s.revoked_at = at)
            RETURNING s.id
        )
        SELECT coalesce(array_agg(id), '{}') INTO ended FROM ending;
    END IF;
    IF cardinality(ended) > 0 THEN
        PERFORM edgegate.record_administration(owner, ARRAY['sessions_ended'], caller, at);
    END IF;
    RETURN jsonb_build_object('outcome', 'done', 'ended', ended);
END
$$;

-- ---- Importing accounts ----

-- Makes the accounts of a batch for which there is room, the first line first where two want the same. A line whose account is there
-- already is left as it is and counted as unchanged, so a batch may be sent again: with its own id it is the same account if the
-- address is the same, without one if the password hash or the time it was made is. In the order of the addresses, so that batches sent
-- at once wait for each other instead of locking each other out.
CREATE FUNCTION edgegate.import_users(batch jsonb, caller jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    made uuid[];
    answer jsonb;
BEGIN
    WITH line AS (
        SELECT
            l.*,
            row_number() OVER (PARTITION BY l.id ORDER BY l.index) AS of_id,
            row_number() OVER (PARTITION BY lower(l.email COLLATE "C") ORDER BY l.index) AS of_email
        FROM jsonb_to_recordset(batch) AS l (
            index integer,
            id uuid,
            email text,
            password_hash text,
            email_confirmed_at timestamptz,
            created_at timestamptz,
            updated_at timestamptz,
            invited_at timestamptz,
            last_sign_in_at timestamptz,
            banned_until timestamptz,
            delete_after timestamptz,
            user_metadata jsonb,
            app_metadata jsonb,
            role text,
            locale text
        )
    ), inserted AS (
        INSERT INTO edgegate.users (
            id, email, password_hash, email_confirmed_at, created_at, updated_at, invited_at, last_sign_in_at, banned_until,
            delete_after, user_metadata, app_metadata, role, locale
        )
        SELECT
            l.id,
            l.email,
            l.password_hash,
            l.email_confirmed_at,
            coalesce(l.created_at, at),
            -- Housekeeping counts from here until it removes an account that nobody confirmed.
            CASE WHEN l.email_confirmed_at IS NULL THEN at ELSE coalesce(l.updated_at, at) END,
            l.invited_at,
            l.last_sign_in_at,
            l.banned_until,
            l.delete_after,
            l.user_metadata,
            l.app_metadata,
            l.role,
            l.locale
        FROM line l
        WHERE l.of_id = 1 AND l.of_email = 1
        ORDER BY lower(l.email COLLATE "C"), l.index
        ON CONFLICT DO NOTHING
        RETURNING id
    )
    SELECT coalesce(array_agg(inserted.id), '{}') INTO made FROM inserted;

    WITH line AS (
        SELECT
            l.*,
            lower(l.email COLLATE "C") AS email_key,
            row_number() OVER (PARTITION BY l.id ORDER BY l.index) AS of_id
        FROM jsonb_to_recordset(batch) AS l (
            index integer,
            id uuid,
            has_own_id boolean,
            email text,
            password_hash text,
            created_at timestamptz
        )
    ), judged AS (
        SELECT
            line.index,
            CASE
                WHEN same.id = ANY (made) AND line.of_id = 1 THEN 'imported'
                WHEN same.id IS NOT NULL THEN 'unchanged'
                WHEN namesake.id IS NULL THEN CASE
                    WHEN line.of_id > 1 OR EXISTS (SELECT FROM edgegate.users u WHERE u.id = line.id) THEN 'id_exists'
                    WHEN EXISTS (SELECT FROM edgegate.deleted_users d WHERE d.id = line.id) THEN 'id_was_deleted'
                    ELSE 'email_exists' -- it was there a moment ago
                END
                WHEN NOT line.has_own_id AND NOT namesake.id = ANY (made)
                    AND (namesake.password_hash = line.password_hash OR namesake.created_at = line.created_at) THEN 'unchanged'
                ELSE 'email_exists'
            END AS outcome
        FROM line
        LEFT JOIN edgegate.users same ON same.id = line.id AND same.email_key = line.email_key
        LEFT JOIN edgegate.users namesake ON namesake.email_key = line.email_key
    )
    SELECT jsonb_build_object(
        'imported', count(*) FILTER (WHERE outcome = 'imported'),
        'unchanged', count(*) FILTER (WHERE outcome = 'unchanged'),
        'refused', coalesce(
            jsonb_agg(jsonb_build_object('index', index, 'obstacle', outcome) ORDER BY index)
                FILTER (WHERE outcome NOT IN ('imported', 'unchanged')),
            '[]'
        )
    )
    INTO answer
    FROM judged;

    IF cardinality(made) > 0 THEN
        INSERT INTO edgegate.audit_events (id, action, ip, user_agent, actor, created_at)
        VALUES (
            (caller ->> 'audit_id')::uuid,
            'users_imported',
            (caller ->> 'ip')::inet,
            caller ->> 'user_agent',
            caller ->> 'actor',
            at
        )
        ON CONFLICT (id) DO NOTHING;
    END IF;
    RETURN answer;
END
$$;

-- migrate:down
-- Forward only: a mistake is mended by another migration.
