-- migrate:up

-- ---- What an account and a link know besides ----

ALTER TABLE edgegate.users
    ADD COLUMN new_email text CHECK (length(new_email) <= 254),
    ADD COLUMN email_change_sent_at timestamptz,
    ADD COLUMN email_change_current_at timestamptz,
    ADD COLUMN email_change_new_at timestamptz,
    ADD COLUMN recovery_sent_at timestamptz,
    ADD COLUMN reauthentication_sent_at timestamptz,
    ADD COLUMN is_anonymous boolean NOT NULL DEFAULT false,
    ADD COLUMN delete_after timestamptz CHECK (isfinite(delete_after));
CREATE INDEX users_new_email ON edgegate.users (lower(new_email COLLATE "C")) WHERE new_email IS NOT NULL;
CREATE INDEX users_delete_after ON edgegate.users (delete_after) WHERE delete_after IS NOT NULL;
CREATE INDEX users_anonymous ON edgegate.users (created_at) WHERE is_anonymous;
COMMENT ON COLUMN edgegate.users.new_email IS 'Address the account is to get, once both mailboxes have agreed. Null: no change is under way.';
COMMENT ON COLUMN edgegate.users.email_change_sent_at IS 'When the newest mails of the change were queued.';
COMMENT ON COLUMN edgegate.users.email_change_current_at IS 'When the mailbox of the current address agreed to the change.';
COMMENT ON COLUMN edgegate.users.email_change_new_at IS 'When the mailbox of the new address confirmed it.';
COMMENT ON COLUMN edgegate.users.recovery_sent_at IS 'When the newest mail that recovers the account or signs in was queued.';
COMMENT ON COLUMN edgegate.users.reauthentication_sent_at IS 'When the newest mail with a code for somebody signed in was queued.';
COMMENT ON COLUMN edgegate.users.is_anonymous IS 'Signed in without telling an address, and has none yet.';
COMMENT ON COLUMN edgegate.users.delete_after IS 'From then on housekeeping deletes the account. Signing in before keeps it. Null: nobody asked for that.';

ALTER TABLE edgegate.one_time_tokens
    DROP CONSTRAINT one_time_tokens_kind_check,
    ADD CONSTRAINT one_time_tokens_kind_check CHECK (kind IN (
        'signup',
        'magiclink',
        'recovery',
        'email_change_current',
        'email_change_new',
        'email_change_undo',
        'reauthentication'
    )),
    ADD COLUMN code_challenge bytea CHECK (length(code_challenge) = 32),
    ADD COLUMN auth_code_digest bytea UNIQUE CHECK (length(auth_code_digest) = 32),
    ADD COLUMN auth_code_expires_at timestamptz,
    ADD COLUMN restores_email text CHECK (length(restores_email) <= 254),
    ADD COLUMN outcome text;
CREATE INDEX one_time_tokens_consumed_by ON edgegate.one_time_tokens (consumed_by) WHERE consumed_by IS NOT NULL;
COMMENT ON COLUMN edgegate.one_time_tokens.code_challenge IS 'SHA-256 of the PKCE code verifier, whichever method the app used. Null: the app did not ask for PKCE.';
COMMENT ON COLUMN edgegate.one_time_tokens.auth_code_digest IS 'SHA-256 of the code that the link was traded for, for the app that holds the verifier.';
COMMENT ON COLUMN edgegate.one_time_tokens.auth_code_expires_at IS 'Until when that code can be exchanged; counts from the click.';
COMMENT ON COLUMN edgegate.one_time_tokens.restores_email IS 'Of a link that takes a change of address back: the address to go back to.';
COMMENT ON COLUMN edgegate.one_time_tokens.outcome IS 'What using it came to, so that the same statement sent twice says the same.';

-- ---- Ids of accounts are never reused ----

CREATE TABLE edgegate.deleted_users (
    id         uuid PRIMARY KEY,
    deleted_at timestamptz NOT NULL
);
COMMENT ON TABLE edgegate.deleted_users IS 'Ids of accounts that are gone. Nothing else is kept of them.';
COMMENT ON COLUMN edgegate.deleted_users.id IS 'Never again the id of an account: apps may still refer to it.';
COMMENT ON COLUMN edgegate.deleted_users.deleted_at IS 'When the account was deleted.';

-- What an account leaves behind: its id, and an audit trail that says nothing of where its owner was. What an operator did to it
-- keeps saying from where. By a trigger, so that no way of deleting an account can forget it.
CREATE FUNCTION edgegate.bury_user() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO edgegate.deleted_users (id, deleted_at) VALUES (old.id, now()) ON CONFLICT DO NOTHING;
    UPDATE edgegate.audit_events SET ip = NULL, user_agent = NULL
    WHERE user_id = old.id AND action NOT IN ('banned', 'unbanned', 'deleted') AND (ip IS NOT NULL OR user_agent IS NOT NULL);
    RETURN NULL;
END
$$;
CREATE TRIGGER user_deleted AFTER DELETE ON edgegate.users FOR EACH ROW EXECUTE FUNCTION edgegate.bury_user();

-- Leaves the row out instead of failing: a statement that was sent twice, with a deletion in between, must not bring the account back.
CREATE FUNCTION edgegate.refuse_buried_user() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (SELECT FROM edgegate.deleted_users d WHERE d.id = new.id) THEN
        RETURN NULL;
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER user_inserted BEFORE INSERT ON edgegate.users FOR EACH ROW EXECUTE FUNCTION edgegate.refuse_buried_user();

-- The mail that says that an account is gone is nobody's. Once it is sent or given up, its address goes too.
CREATE FUNCTION edgegate.forget_recipient() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    new.recipient := '';
    RETURN new;
END
$$;
CREATE TRIGGER farewell_finished BEFORE INSERT OR UPDATE ON edgegate.outbox
FOR EACH ROW WHEN (new.user_id IS NULL AND new.next_attempt_at IS NULL) EXECUTE FUNCTION edgegate.forget_recipient();

-- ---- Devices an account was signed in from ----

CREATE TABLE edgegate.devices (
    user_id       uuid NOT NULL REFERENCES edgegate.users (id) ON DELETE CASCADE,
    device        text NOT NULL CHECK (length(device) <= 200),
    first_seen_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, device)
);
COMMENT ON TABLE edgegate.devices IS 'Kinds of devices that an account was signed in from, so that its owner can be told of a new one.';
COMMENT ON COLUMN edgegate.devices.user_id IS 'Whose device.';
COMMENT ON COLUMN edgegate.devices.device IS 'Browser and system in words, e.g. Firefox on Linux: without versions, which change every month.';
COMMENT ON COLUMN edgegate.devices.first_seen_at IS 'First sign-in from it.';

-- ---- How much mail may leave ----

CREATE TABLE edgegate.budgets (
    key          bytea PRIMARY KEY CHECK (length(key) = 32),
    spent_until  timestamptz NOT NULL,
    last_request uuid NOT NULL
);
CREATE INDEX budgets_spent_until ON edgegate.budgets (spent_until);
COMMENT ON TABLE edgegate.budgets IS 'What a network, or everybody together, may still cause: so many an hour, refilled evenly (GCRA).';
COMMENT ON COLUMN edgegate.budgets.key IS 'HMAC of what is counted and for whom; the key is not in this database.';
COMMENT ON COLUMN edgegate.budgets.spent_until IS 'When the budget will be whole again. An hour ahead: all is spent.';
COMMENT ON COLUMN edgegate.budgets.last_request IS 'Request that was counted last: the same statement sent again counts once.';

-- Takes one from a budget of `per_hour` (0: without limit). Returns 0, or the seconds to wait when all is spent.
CREATE FUNCTION edgegate.spend(budget_key bytea, request_id uuid, at timestamptz, per_hour integer) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    one interval;
    wait numeric;
BEGIN
    IF per_hour = 0 THEN
        RETURN 0;
    END IF;
    one := make_interval(secs => 3600.0 / per_hour);
    INSERT INTO edgegate.budgets AS b (key, spent_until, last_request)
    VALUES (budget_key, at + one, request_id)
    ON CONFLICT (key) DO UPDATE SET
        spent_until = CASE WHEN b.last_request = request_id THEN b.spent_until ELSE greatest(b.spent_until, at) + one END,
        last_request = request_id
    -- A microsecond for what rounding adds up to, or the last one of a full budget would be refused.
    WHERE b.last_request = request_id OR b.spent_until + one <= at + interval '1 hour' + interval '1 millisecond';
    IF FOUND THEN
        RETURN 0;
    END IF;
    SELECT ceil(extract(epoch FROM b.spent_until + one - at - interval '1 hour')) INTO wait
    FROM edgegate.budgets b WHERE b.key = budget_key;
    RETURN greatest(1, coalesce(wait, 1));
END
$$;

-- Counts a mail that a caller asks for, whether or not one will leave, so that the answer tells nothing. `counters` has the
-- keys and limits: see `db::mailing::Counters`. Returns 0, or the seconds to wait. What everybody shares comes last:
-- whoever is refused anyway takes nothing from it.
CREATE FUNCTION edgegate.count_mail(counters jsonb, request_id uuid, at timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    wait integer;
BEGIN
    wait := edgegate.spend(decode(counters ->> 'network', 'hex'), request_id, at, (counters ->> 'network_per_hour')::integer);
    IF wait = 0 THEN
        wait := edgegate.count_attempt(
            decode(counters ->> 'recipient', 'hex'),
            request_id,
            at,
            ARRAY (SELECT w::integer FROM jsonb_array_elements_text(counters -> 'recipient_waits') AS w),
            (counters ->> 'recipient_forget_after')::integer
        );
    END IF;
    IF wait = 0 THEN
        wait := edgegate.spend(decode(counters ->> 'all', 'hex'), request_id, at, (counters ->> 'all_per_hour')::integer);
    END IF;
    RETURN wait;
END
$$;

-- ---- Mail that was given up can be queued again ----
--
-- A provider that refuses a sender domain for an hour has given up mails that are as good as new once that is repaired. So a mail that
-- was given up keeps its sealed text for as long as its link lives, and not longer: then the text is of no use to anybody but a thief.
-- A mail that was sent keeps nothing.

CREATE INDEX outbox_dead_letters ON edgegate.outbox (expires_at) WHERE failed_at IS NOT NULL AND sealed IS NOT NULL;
COMMENT ON COLUMN edgegate.outbox.sealed IS 'The message as data, encrypted (XChaCha20-Poly1305, key derived from AUTH_SECRET). Wiped once sent; of a mail that was given up, once its link has died, since until then it can be queued again.';
COMMENT ON COLUMN edgegate.outbox.failed_at IS 'When it was given up. Queued again, it is null again.';

-- ---- A provider that asks for patience ----

CREATE TABLE edgegate.mail_pause (
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    paused_until timestamptz NOT NULL
);
INSERT INTO edgegate.mail_pause (paused_until) VALUES ('-infinity');
COMMENT ON TABLE edgegate.mail_pause IS 'Until when the mail provider wants to be left alone (Retry-After). It counts for all mail, and for all Workers.';
COMMENT ON COLUMN edgegate.mail_pause.one IS 'Keeps it at one row.';
COMMENT ON COLUMN edgegate.mail_pause.paused_until IS 'No attempt begins before. In the past: there is no pause.';

-- ---- Mails and links, by kind ----
--
-- A caller cannot know which of several mails a statement will choose to send, so it hands over all of them, sealed, as
-- `drafts`: {"recovery": {"id", "sealed" (hex), "expires_at", "lease_until"}}; and the links in them, as digests, as `links`:
-- {"recovery": {"token_digest" (hex), "code_digest", "expires_at", …}}.

-- Gives up mails of these kinds that wait and whose link is dead by now: replaced by a newer one, or ended. `but_not` is the newer one.
CREATE FUNCTION edgegate.drop_dead_mail(owner uuid, mail_kinds text[], but_not uuid, at timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.outbox o SET
        next_attempt_at = NULL,
        failed_at = at,
        last_error = 'its link had died',
        sealed = NULL
    WHERE o.user_id = owner AND o.kind = ANY (mail_kinds) AND o.id IS DISTINCT FROM but_not AND o.next_attempt_at IS NOT NULL
$$;

-- Queues the draft of this kind, if there is one, and a recipient. To an address that bounced or complained nothing is sent: then the
-- row says why, and the text is kept for when the address is allowed again. While the provider wants to be left alone, the
-- Cron Trigger sends it afterwards.
CREATE FUNCTION edgegate.queue_mail(drafts jsonb, mail_kind text, owner uuid, recipient text, mail_locale text, at timestamptz)
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
    IF mail_kind IN ('confirm_signup', 'sign_in', 'recovery', 'email_change_current', 'email_change_new', 'reauthentication') THEN
        PERFORM edgegate.drop_dead_mail(owner, ARRAY[mail_kind], (draft ->> 'id')::uuid, at);
    END IF;
END
$$;

-- Which drafts were queued and are to be sent at once, by whoever asked. Sent again a statement says the same.
CREATE FUNCTION edgegate.queued(drafts jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'recipient', o.recipient, 'locale', o.locale)), '[]')
    FROM edgegate.outbox o
    WHERE o.id IN (SELECT (d.value ->> 'id')::uuid FROM jsonb_each(drafts) AS d) AND o.next_attempt_at IS NOT NULL AND o.attempts > 0
$$;

-- Issues a link and code; the earlier ones of the kind die, and so does what an earlier link was traded for. Wrong codes go
-- on counting. `restores` is for a link that takes a change of address back.
--
-- A link that claims an address for an account (sign-up, new address) stays bound to the browser that asked for it:
-- where another browser asks for the same mail again, the first one's cookie, PKCE challenge and destination stay.
CREATE FUNCTION edgegate.issue_link(owner uuid, link_kind text, links jsonb, at timestamptz, restores text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    link jsonb := links -> link_kind;
    again boolean := coalesce((link ->> 'again')::boolean, false);
    browser bytea := decode(link ->> 'browser_digest', 'hex');
    presented bytea := decode(link ->> 'presented_browser_digest', 'hex');
    network bytea := decode(link ->> 'network_digest', 'hex');
    challenge bytea := decode(link ->> 'code_challenge', 'hex');
BEGIN
    INSERT INTO edgegate.one_time_tokens AS t (
        user_id,
        kind,
        token_digest,
        code_digest,
        browser_digest,
        network_digest,
        code_challenge,
        redirect_to,
        restores_email,
        created_at,
        expires_at
    )
    VALUES (
        owner,
        link_kind,
        decode(link ->> 'token_digest', 'hex'),
        decode(link ->> 'code_digest', 'hex'),
        browser,
        network,
        challenge,
        link ->> 'redirect_to',
        restores,
        at,
        (link ->> 'expires_at')::timestamptz
    )
    ON CONFLICT (user_id, kind) DO UPDATE SET
        token_digest = excluded.token_digest,
        code_digest = excluded.code_digest,
        browser_digest = CASE WHEN again THEN t.browser_digest ELSE excluded.browser_digest END,
        network_digest = CASE WHEN again THEN t.network_digest ELSE excluded.network_digest END,
        code_challenge = CASE
            WHEN NOT again THEN excluded.code_challenge
            WHEN t.browser_digest = presented OR t.network_digest = network THEN coalesce(excluded.code_challenge, t.code_challenge)
            ELSE t.code_challenge
        END,
        redirect_to = CASE WHEN again THEN t.redirect_to ELSE excluded.redirect_to END,
        restores_email = excluded.restores_email,
        contested = CASE
            WHEN again THEN t.contested
            WHEN link_kind = 'signup' THEN
                t.consumed_at IS NULL
                AND t.expires_at > at
                AND (t.contested OR NOT coalesce(t.browser_digest = presented OR t.network_digest = network, false))
            ELSE false
        END,
        created_at = excluded.created_at,
        expires_at = excluded.expires_at,
        auth_code_digest = NULL,
        auth_code_expires_at = NULL,
        consumed_at = NULL,
        consumed_by = NULL,
        outcome = NULL
    -- Sent twice, it changes nothing the second time.
    WHERE t.token_digest <> excluded.token_digest;
END
$$;

-- Kills every link and code of an account that is still open, and what links were traded for; a change of address under way ends.
-- Not the link that takes a change of address back: it is for the owner, against whoever made the change; so the mail that has it
-- is still sent.
CREATE FUNCTION edgegate.end_links(owner uuid, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.one_time_tokens t SET
        expires_at = least(t.expires_at, at),
        auth_code_expires_at = least(t.auth_code_expires_at, at)
    WHERE t.user_id = owner AND t.kind <> 'email_change_undo' AND t.consumed_at IS NULL;
    PERFORM edgegate.drop_dead_mail(
        owner,
        ARRAY['confirm_signup', 'sign_in', 'recovery', 'email_change_new', 'reauthentication'],
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

-- ---- Signing in ----

-- Opens the session `opening` (see `db::sessions::NewSession`) for an account whose row the caller has locked. Keeps an account
-- that was to be deleted. Its owner is told of a new device, if there is a draft for that.
CREATE FUNCTION edgegate.sign_in(owner uuid, opening jsonb, drafts jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    known boolean;
BEGIN
    IF drafts ? 'new_device' THEN
        SELECT EXISTS (SELECT FROM edgegate.devices d WHERE d.user_id = owner) INTO known;
        INSERT INTO edgegate.devices (user_id, device, first_seen_at)
        VALUES (owner, opening ->> 'device', at)
        ON CONFLICT DO NOTHING;
        IF FOUND AND known THEN
            PERFORM edgegate.queue_mail(drafts, 'new_device', u.id, u.email, u.locale, at)
            FROM edgegate.users u WHERE u.id = owner;
        END IF;
    END IF;
    UPDATE edgegate.users u SET
        last_sign_in_at = greatest(u.last_sign_in_at, at),
        delete_after = NULL,
        updated_at = at
    WHERE u.id = owner;
    PERFORM edgegate.open_session(
        (opening ->> 'id')::uuid,
        owner,
        opening -> 'amr',
        (opening ->> 'ip')::inet,
        opening ->> 'user_agent',
        at,
        (opening ->> 'expires_at')::timestamptz,
        (opening ->> 'idle_since')::timestamptz,
        (opening ->> 'most')::integer
    );
END
$$;

-- What signing in answers: the account, the sessions that had to end, and the mails to send.
CREATE FUNCTION edgegate.opened(owner uuid, drafts jsonb, at timestamptz) RETURNS jsonb
LANGUAGE sql VOLATILE
AS $$
    SELECT jsonb_build_object(
        'account', to_jsonb(u) - 'password_hash',
        'ended', (SELECT coalesce(jsonb_agg(s.id), '[]') FROM edgegate.sessions s WHERE s.user_id = owner AND s.revoked_at = at),
        'mails', edgegate.queued(drafts)
    )
    FROM edgegate.users u
    WHERE u.id = owner
$$;

-- Makes an account without an address and signs in to it, unless the network has had too many.
CREATE FUNCTION edgegate.sign_up_anonymously(
    new_account jsonb, network_key bytea, per_hour integer, opening jsonb, at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    owner uuid := (new_account ->> 'id')::uuid;
    wait integer := edgegate.spend(network_key, (opening ->> 'id')::uuid, at, per_hour);
BEGIN
    IF wait > 0 THEN
        RETURN jsonb_build_object('wait', wait);
    END IF;
    INSERT INTO edgegate.users (id, is_anonymous, app_metadata, user_metadata, locale, created_at, updated_at)
    VALUES (owner, true, new_account -> 'app_metadata', new_account -> 'user_metadata', new_account ->> 'locale', at, at)
    ON CONFLICT (id) DO NOTHING;
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    VALUES (
        (opening ->> 'audit_id')::uuid,
        owner,
        'signed_up_anonymously',
        (opening ->> 'ip')::inet,
        opening ->> 'user_agent',
        at
    )
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.sign_in(owner, opening, '{}', at);
    RETURN edgegate.opened(owner, '{}', at) || '{"wait": 0}';
END
$$;

-- Signs in with a password that was right: forgives the failures, replaces the hash by one with today's parameters, if there is a new
-- one, and records it. Null if the password was changed or the account banned or deleted in the meantime.
CREATE FUNCTION edgegate.sign_in_with_password(
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

-- ---- Using links and codes ----

-- Makes the change of address that is under way, if whoever has to agree has agreed. An account that nobody confirmed
-- gives the address up; a confirmed one keeps it. Returns 'half_done', 'changed' or 'taken'.
CREATE FUNCTION edgegate.complete_email_change(owner uuid, at timestamptz) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
BEGIN
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    IF account.new_email IS NULL THEN
        RETURN 'taken';
    END IF;
    IF account.email_change_new_at IS NULL OR (account.email IS NOT NULL AND account.email_change_current_at IS NULL) THEN
        RETURN 'half_done';
    END IF;
    DELETE FROM edgegate.users u
    WHERE u.email_key = lower(account.new_email COLLATE "C") AND u.email_confirmed_at IS NULL AND u.id <> owner;
    BEGIN
        UPDATE edgegate.users u SET
            email = u.new_email,
            email_confirmed_at = at,
            app_metadata = CASE
                WHEN u.is_anonymous THEN u.app_metadata || '{"provider": "email", "providers": ["email"]}'
                ELSE u.app_metadata
            END,
            is_anonymous = false,
            updated_at = at
        WHERE u.id = owner;
    EXCEPTION WHEN unique_violation THEN
        PERFORM edgegate.end_links(owner, at);
        RETURN 'taken';
    END;
    PERFORM edgegate.end_links(owner, at);
    RETURN 'changed';
END
$$;

-- Takes a change of address back, whether it is under way or made: the owner of the old mailbox says that it was somebody else. So
-- everybody is signed out and the password is void. Returns 'undone', or 'taken' if somebody else has confirmed the address since.
CREATE FUNCTION edgegate.undo_email_change(owner uuid, restores text, at timestamptz) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    outcome text := 'undone';
BEGIN
    DELETE FROM edgegate.users u
    WHERE u.email_key = lower(restores COLLATE "C") AND u.email_confirmed_at IS NULL AND u.id <> owner;
    BEGIN
        UPDATE edgegate.users u SET email = restores, updated_at = at WHERE u.id = owner;
    EXCEPTION WHEN unique_violation THEN
        outcome := 'taken';
    END;
    UPDATE edgegate.users u SET password_hash = NULL, updated_at = at WHERE u.id = owner;
    PERFORM edgegate.end_links(owner, at);
    PERFORM edgegate.end_sessions(owner, NULL, at);
    RETURN outcome;
END
$$;

-- What using a link or code does, by its kind. The caller has locked the account and then used up the link. `new_hash` is a password that
-- came with it. Returns the account, what became of it, the sessions that ended and the mails to send.
--
-- Of an account that nobody confirmed nobody knows whose the password is. So whoever proves the mailbox without knowing
-- the password voids it.
CREATE FUNCTION edgegate.redeem(
    link edgegate.one_time_tokens, new_hash text, signs_in boolean, opening jsonb, drafts jsonb, at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    owner uuid := link.user_id;
    result text := link.outcome;
BEGIN
    IF result IS NULL THEN
        CASE link.kind
        WHEN 'signup' THEN
            result := 'confirmed';
            UPDATE edgegate.users u SET
                email_confirmed_at = coalesce(u.email_confirmed_at, at),
                password_hash = coalesce(new_hash, u.password_hash),
                updated_at = at
            WHERE u.id = owner;
        WHEN 'magiclink', 'recovery' THEN
            result := CASE link.kind WHEN 'magiclink' THEN 'signed_in' ELSE 'recovered' END;
            UPDATE edgegate.users u SET
                password_hash = CASE
                    WHEN new_hash IS NOT NULL THEN new_hash
                    WHEN u.email_confirmed_at IS NOT NULL THEN u.password_hash
                END,
                email_confirmed_at = coalesce(u.email_confirmed_at, at),
                updated_at = at
            WHERE u.id = owner;
            IF link.kind = 'recovery' THEN
                PERFORM edgegate.end_links(owner, at);
                PERFORM edgegate.end_sessions(owner, (opening ->> 'id')::uuid, at);
            END IF;
        WHEN 'email_change_current' THEN
            UPDATE edgegate.users u SET email_change_current_at = at WHERE u.id = owner AND u.new_email IS NOT NULL;
            result := edgegate.complete_email_change(owner, at);
        WHEN 'email_change_new' THEN
            UPDATE edgegate.users u SET
                email_change_new_at = at,
                password_hash = coalesce(new_hash, u.password_hash)
            WHERE u.id = owner AND u.new_email IS NOT NULL;
            IF new_hash IS NOT NULL THEN
                -- Whoever has the mailbox and not the password takes the account over.
                PERFORM edgegate.end_sessions(owner, NULL, at);
            END IF;
            result := edgegate.complete_email_change(owner, at);
        WHEN 'email_change_undo' THEN
            result := edgegate.undo_email_change(owner, link.restores_email, at);
        END CASE;
        UPDATE edgegate.one_time_tokens t SET outcome = result WHERE t.user_id = owner AND t.kind = link.kind;
        -- The others that would confirm or sign in are of no use any more, or of use to somebody else.
        UPDATE edgegate.one_time_tokens t SET expires_at = least(t.expires_at, at), auth_code_expires_at = least(t.auth_code_expires_at, at)
        WHERE t.user_id = owner AND t.kind IN ('signup', 'magiclink') AND t.kind <> link.kind
            AND t.consumed_at IS NULL AND result IN ('confirmed', 'signed_in');
        IF new_hash IS NOT NULL AND link.kind = 'recovery' THEN
            PERFORM edgegate.queue_mail(drafts, 'password_changed', u.id, u.email, u.locale, at)
            FROM edgegate.users u WHERE u.id = owner;
        END IF;
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        VALUES (
            (opening ->> 'audit_id')::uuid,
            owner,
            CASE link.kind
                WHEN 'signup' THEN 'confirmed'
                WHEN 'magiclink' THEN 'signed_in'
                WHEN 'recovery' THEN 'recovered'
                ELSE link.kind || '_' || result
            END,
            (opening ->> 'ip')::inet,
            opening ->> 'user_agent',
            at
        )
        ON CONFLICT (id) DO NOTHING;
    END IF;
    IF signs_in AND result IN ('confirmed', 'signed_in', 'recovered', 'changed') THEN
        PERFORM edgegate.sign_in(owner, opening, drafts, at);
    END IF;
    RETURN edgegate.opened(owner, drafts, at)
        || jsonb_build_object('kind', link.kind, 'outcome', result, 'redirect_to', link.redirect_to);
END
$$;

-- Uses up a link. Null: it is dead, of another kind than those wanted, or what it needs did not come with it. A sign-up that two people
-- contest needs the cookie or a password.
CREATE FUNCTION edgegate.use_link(
    digest bytea,
    kinds text[],
    browser bytea,
    verified_hash text,
    new_hash text,
    signs_in boolean,
    opening jsonb,
    drafts jsonb,
    at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (opening ->> 'id')::uuid;
    link edgegate.one_time_tokens;
BEGIN
    -- The account before the link, like everybody who locks both.
    PERFORM FROM edgegate.users u
    WHERE u.id = (SELECT t.user_id FROM edgegate.one_time_tokens t WHERE t.token_digest = digest)
        AND (u.banned_until IS NULL OR u.banned_until <= at)
        AND (verified_hash IS NULL OR u.password_hash = verified_hash)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE edgegate.one_time_tokens t SET
        consumed_at = at,
        consumed_by = request_id
    WHERE t.token_digest = digest
        AND t.kind = ANY (kinds)
        AND t.expires_at > at
        AND (t.consumed_at IS NULL OR t.consumed_by = request_id)
        AND (browser IS NULL OR t.browser_digest = browser)
        AND (NOT t.contested OR browser IS NOT NULL OR verified_hash IS NOT NULL OR new_hash IS NOT NULL)
    RETURNING * INTO link;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN edgegate.redeem(link, new_hash, signs_in, opening, drafts, at);
END
$$;

-- Uses up a code that was sent to this address, or counts a wrong try against each code it might have been. Null: wrong, dead, or
-- nobody's.
CREATE FUNCTION edgegate.use_code(
    address_key text,
    kinds text[],
    digests bytea[],
    failures_since timestamptz,
    most_failures integer,
    opening jsonb,
    drafts jsonb,
    at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (opening ->> 'id')::uuid;
    audit_id uuid := (opening ->> 'audit_id')::uuid;
    owners uuid[];
    link edgegate.one_time_tokens;
BEGIN
    -- Sent again: by now the account may have another address.
    SELECT t.* INTO link FROM edgegate.one_time_tokens t WHERE t.consumed_by = request_id;
    IF FOUND THEN
        PERFORM FROM edgegate.users u WHERE u.id = link.user_id FOR NO KEY UPDATE;
        RETURN edgegate.redeem(link, NULL, true, opening, drafts, at);
    END IF;
    SELECT array_agg(locked.id) INTO owners
    FROM (
        SELECT u.id
        FROM edgegate.users u
        WHERE (u.email_key = address_key OR ('email_change_new' = ANY (kinds) AND lower(u.new_email COLLATE "C") = address_key))
            AND (u.banned_until IS NULL OR u.banned_until <= at)
        ORDER BY u.id
        FOR NO KEY UPDATE
    ) AS locked;
    UPDATE edgegate.one_time_tokens t SET
        consumed_at = at,
        consumed_by = request_id
    WHERE (t.user_id, t.kind) = (
            SELECT c.user_id, c.kind
            FROM edgegate.one_time_tokens c
            WHERE c.user_id = ANY (owners)
                AND c.kind = ANY (kinds)
                AND c.code_digest = ANY (digests)
                AND c.expires_at > at
                AND NOT c.contested
                AND c.consumed_at IS NULL
                AND (c.code_failures < most_failures OR c.code_failures_since <= failures_since)
            ORDER BY c.created_at DESC
            LIMIT 1
        )
    RETURNING * INTO link;
    IF FOUND THEN
        RETURN edgegate.redeem(link, NULL, true, opening, drafts, at);
    END IF;
    IF NOT EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = audit_id) THEN
        WITH guessed AS (
            UPDATE edgegate.one_time_tokens t SET
                code_failures = CASE WHEN t.code_failures_since > failures_since THEN t.code_failures + 1 ELSE 1 END,
                code_failures_since = CASE WHEN t.code_failures_since > failures_since THEN t.code_failures_since ELSE at END
            WHERE t.user_id = ANY (owners)
                AND t.kind = ANY (kinds)
                AND t.expires_at > at
                AND t.consumed_at IS NULL
                AND NOT t.contested
                AND (t.code_failures < most_failures OR t.code_failures_since <= failures_since)
            RETURNING t.user_id
        )
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        SELECT audit_id, min(guessed.user_id::text)::uuid, 'wrong_code', (opening ->> 'ip')::inet, opening ->> 'user_agent', at
        FROM guessed
        HAVING count(*) > 0
        ON CONFLICT (id) DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

-- Exchanges what a link was traded for, together with the PKCE code verifier (as its SHA-256), for what the link does. The
-- outcome is 'unknown', 'used', 'expired', 'wrong_verifier' or 'banned' where nothing is done.
CREATE FUNCTION edgegate.exchange(auth_code bytea, challenge bytea, opening jsonb, drafts jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (opening ->> 'id')::uuid;
    link edgegate.one_time_tokens;
    refusal text;
    banned boolean;
BEGIN
    SELECT coalesce(u.banned_until > at, false) INTO banned
    FROM edgegate.users u
    WHERE u.id = (SELECT t.user_id FROM edgegate.one_time_tokens t WHERE t.auth_code_digest = auth_code)
    FOR NO KEY UPDATE;
    SELECT * INTO link FROM edgegate.one_time_tokens t WHERE t.auth_code_digest = auth_code;
    refusal := CASE
        WHEN link.user_id IS NULL THEN 'unknown'
        WHEN link.code_challenge <> challenge THEN 'wrong_verifier'
        WHEN link.consumed_by = request_id THEN NULL
        WHEN link.consumed_at IS NOT NULL THEN 'used'
        WHEN link.auth_code_expires_at <= at THEN 'expired'
        WHEN banned THEN 'banned'
    END;
    IF refusal IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', refusal);
    END IF;
    UPDATE edgegate.one_time_tokens t SET
        consumed_at = at,
        consumed_by = request_id
    WHERE t.auth_code_digest = auth_code;
    RETURN edgegate.redeem(link, NULL, true, opening, drafts, at);
END
$$;

-- ---- What somebody signed in changes ----

-- Whether the caller has proved once more who they are: 'good', 'outdated' (the password was changed since it was verified),
-- 'wrong_nonce'. `proof` has one of: "verified_hash"; "nonces" (digests of the typed code, hex); "fresh" (the session is young enough). A wrong
-- nonce is counted.
CREATE FUNCTION edgegate.prove(
    owner uuid, proof jsonb, request_id uuid, failures_since timestamptz, most_failures integer, at timestamptz
) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF proof ? 'verified_hash' THEN
        PERFORM FROM edgegate.users u WHERE u.id = owner AND u.password_hash = proof ->> 'verified_hash';
        RETURN CASE WHEN FOUND THEN 'good' ELSE 'outdated' END;
    END IF;
    IF proof ? 'nonces' THEN
        UPDATE edgegate.one_time_tokens t SET
            consumed_at = at,
            consumed_by = request_id
        WHERE t.user_id = owner
            AND t.kind = 'reauthentication'
            AND encode(t.code_digest, 'hex') IN (SELECT jsonb_array_elements_text(proof -> 'nonces'))
            AND t.expires_at > at
            AND (t.consumed_at IS NULL OR t.consumed_by = request_id)
            AND (t.code_failures < most_failures OR t.code_failures_since <= failures_since);
        IF FOUND THEN
            RETURN 'good';
        END IF;
        INSERT INTO edgegate.audit_events (id, user_id, action, created_at)
        VALUES (request_id, owner, 'wrong_code', at)
        ON CONFLICT (id) DO NOTHING;
        IF FOUND THEN
            UPDATE edgegate.one_time_tokens t SET
                code_failures = CASE WHEN t.code_failures_since > failures_since THEN t.code_failures + 1 ELSE 1 END,
                code_failures_since = CASE WHEN t.code_failures_since > failures_since THEN t.code_failures_since ELSE at END
            WHERE t.user_id = owner
                AND t.kind = 'reauthentication'
                AND t.expires_at > at
                AND t.consumed_at IS NULL
                AND (t.code_failures < most_failures OR t.code_failures_since <= failures_since);
        END IF;
        RETURN 'wrong_nonce';
    END IF;
    RETURN CASE WHEN proof ? 'fresh' THEN 'good' ELSE 'wrong_nonce' END;
END
$$;

-- Mails the links of a change of address to those who have not agreed yet. Where the new address has a confirmed account,
-- its owner is told instead, and the caller does not learn it.
CREATE FUNCTION edgegate.mail_email_change(owner uuid, links jsonb, drafts jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
    holder edgegate.users;
BEGIN
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    IF account.email IS NOT NULL AND account.email_change_current_at IS NULL THEN
        PERFORM edgegate.issue_link(owner, 'email_change_current', links, at);
        PERFORM edgegate.issue_link(owner, 'email_change_undo', links, at, account.email);
        PERFORM edgegate.queue_mail(drafts, 'email_change_current', owner, account.email, account.locale, at);
    END IF;
    IF account.email_change_new_at IS NULL THEN
        PERFORM edgegate.issue_link(owner, 'email_change_new', links, at);
        SELECT * INTO holder
        FROM edgegate.users u
        WHERE u.email_key = lower(account.new_email COLLATE "C") AND u.email_confirmed_at IS NOT NULL AND u.id <> owner;
        -- The mail is the holder's, also in what is stored: else the caller's export would tell.
        IF FOUND THEN
            PERFORM edgegate.queue_mail(drafts, 'already_registered', holder.id, holder.email, holder.locale, at);
        ELSE
            PERFORM edgegate.queue_mail(drafts, 'email_change_new', owner, account.new_email, account.locale, at);
        END IF;
    END IF;
    UPDATE edgegate.users u SET email_change_sent_at = at, updated_at = at WHERE u.id = owner;
END
$$;

-- Changes what the caller asks for: all of it or nothing. `changes` may have "new_hash", "metadata" (merged into what there is; a
-- null removes a member), "locale", "email". A new password ends the other sessions, every open link and a change of
-- address under way. Returns the caller's standing and, if that is good, an outcome: 'done', 'wait', 'metadata_too_large',
-- 'no_address' (a password without an address to sign in with), or why the proof failed.
CREATE FUNCTION edgegate.update_user(
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
    standing text := edgegate.locked_standing(owner, session_id, at, idle_since, request_id);
    account edgegate.users;
    metadata jsonb;
    outcome text := 'done';
    wait integer := 0;
    ended uuid[] := '{}';
BEGIN
    IF standing <> 'good' THEN
        RETURN jsonb_build_object('standing', standing);
    END IF;
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    IF NOT EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = request_id AND e.action <> 'wrong_code') THEN
        SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}') INTO metadata
        FROM jsonb_each(account.user_metadata || coalesce(changes -> 'metadata', '{}')) AS m
        WHERE m.value <> 'null';
        IF length(metadata::text) > (changes ->> 'metadata_max_bytes')::integer THEN
            outcome := 'metadata_too_large';
        ELSIF changes ? 'new_hash' AND account.email IS NULL AND NOT changes ? 'email' THEN
            outcome := 'no_address';
        ELSIF changes ? 'email' THEN
            wait := edgegate.count_mail(counters, request_id, at);
            IF wait > 0 THEN
                outcome := 'wait';
            END IF;
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

-- Deletes the caller's account, at once or after `delete_after`; all its sessions end either way. Returns as above.
CREATE FUNCTION edgegate.delete_own_account(
    owner uuid,
    session_id uuid,
    idle_since timestamptz,
    proof jsonb,
    failures_since timestamptz,
    most_failures integer,
    delete_after timestamptz,
    drafts jsonb,
    caller jsonb,
    at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (caller ->> 'audit_id')::uuid;
    standing text;
    account edgegate.users;
    outcome text;
    ended uuid[] := '{}';
BEGIN
    IF EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = request_id AND e.action IN ('deleted_by_owner', 'deletion_scheduled')) THEN
        RETURN jsonb_build_object('standing', 'good', 'outcome', 'done', 'ended', ended, 'mails', edgegate.queued(drafts)); -- sent again
    END IF;
    standing := edgegate.locked_standing(owner, session_id, at, idle_since, NULL);
    IF standing <> 'good' THEN
        RETURN jsonb_build_object('standing', standing);
    END IF;
    outcome := edgegate.prove(owner, proof, request_id, failures_since, most_failures, at);
    IF outcome <> 'good' THEN
        RETURN jsonb_build_object('standing', standing, 'outcome', outcome);
    END IF;
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    ended := edgegate.end_sessions(owner, NULL, at);
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    VALUES (
        request_id,
        owner,
        CASE WHEN delete_after IS NULL THEN 'deleted_by_owner' ELSE 'deletion_scheduled' END,
        (caller ->> 'ip')::inet,
        caller ->> 'user_agent',
        at
    );
    IF delete_after IS NULL THEN
        -- Nobody's: the mail must outlive the account.
        PERFORM edgegate.queue_mail(drafts, 'account_deleted', NULL, account.email, account.locale, at);
        DELETE FROM edgegate.users u WHERE u.id = owner;
    ELSE
        PERFORM edgegate.end_links(owner, at);
        UPDATE edgegate.users u SET
            delete_after = delete_own_account.delete_after,
            updated_at = at
        WHERE u.id = owner;
        PERFORM edgegate.queue_mail(drafts, 'deletion_scheduled', owner, account.email, account.locale, at);
    END IF;
    RETURN jsonb_build_object('standing', standing, 'outcome', 'done', 'ended', ended, 'mails', edgegate.queued(drafts));
END
$$;

-- ---- Asking for mail ----

-- Signs up an address that has to be confirmed. A new address gets an account; an unconfirmed one gets the new password and its
-- earlier links die; the owner of a confirmed one gets a mail that says so, and nothing changes. Even an attempt that has to
-- wait contests the open link of somebody else: its author may be the owner, about to type the code of a stranger's sign-up.
CREATE FUNCTION edgegate.sign_up(new_account jsonb, counters jsonb, links jsonb, drafts jsonb, caller jsonb, at timestamptz)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (caller ->> 'audit_id')::uuid;
    address_key text := lower((new_account ->> 'email') COLLATE "C");
    wait integer := edgegate.count_mail(counters, request_id, at);
    account edgegate.users;
    action text := 'signed_up';
BEGIN
    IF wait > 0 THEN
        UPDATE edgegate.one_time_tokens t SET contested = true
        FROM edgegate.users u
        WHERE u.email_key = address_key
            AND u.email_confirmed_at IS NULL
            AND t.user_id = u.id
            AND t.kind = 'signup'
            AND t.consumed_at IS NULL
            AND NOT coalesce(
                t.browser_digest = decode(links -> 'signup' ->> 'presented_browser_digest', 'hex')
                OR t.network_digest = decode(links -> 'signup' ->> 'network_digest', 'hex'),
                false
            );
        RETURN jsonb_build_object('wait', wait);
    END IF;
    INSERT INTO edgegate.users AS u (
        id, email, password_hash, confirmation_sent_at, app_metadata, user_metadata, locale, created_at, updated_at
    )
    VALUES (
        (new_account ->> 'id')::uuid,
        new_account ->> 'email',
        new_account ->> 'password_hash',
        at,
        new_account -> 'app_metadata',
        new_account -> 'user_metadata',
        new_account ->> 'locale',
        at,
        at
    )
    ON CONFLICT (email_key) DO UPDATE SET
        email = excluded.email,
        password_hash = excluded.password_hash,
        confirmation_sent_at = excluded.confirmation_sent_at,
        user_metadata = excluded.user_metadata,
        locale = excluded.locale,
        updated_at = excluded.updated_at
    WHERE u.email_confirmed_at IS NULL
    RETURNING * INTO account;
    IF FOUND THEN
        PERFORM edgegate.issue_link(account.id, 'signup', links, at);
        PERFORM edgegate.queue_mail(drafts, 'confirm_signup', account.id, account.email, account.locale, at);
    ELSE
        SELECT * INTO account FROM edgegate.users u WHERE u.email_key = address_key;
        PERFORM edgegate.queue_mail(drafts, 'already_registered', account.id, account.email, account.locale, at);
        action := 'signed_up_again';
    END IF;
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    SELECT request_id, account.id, action, (caller ->> 'ip')::inet, caller ->> 'user_agent', at
    WHERE account.id IS NOT NULL
    ON CONFLICT (id) DO NOTHING;
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued(drafts));
END
$$;

-- Mails a link and code of this kind to the account with this address, if it may have one; with `new_account`, makes an account
-- without a password if there is none. What is answered and done before the mail is the same for every address.
CREATE FUNCTION edgegate.mail_link(
    address_key text,
    link_kind text,
    mail_kind text,
    new_account jsonb,
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
    wait integer := edgegate.count_mail(counters, request_id, at);
    account edgegate.users;
BEGIN
    IF wait > 0 THEN
        RETURN jsonb_build_object('wait', wait);
    END IF;
    IF new_account IS NOT NULL THEN
        INSERT INTO edgegate.users (id, email, app_metadata, user_metadata, locale, created_at, updated_at)
        VALUES (
            (new_account ->> 'id')::uuid,
            new_account ->> 'email',
            new_account -> 'app_metadata',
            new_account -> 'user_metadata',
            new_account ->> 'locale',
            at,
            at
        )
        ON CONFLICT (email_key) DO NOTHING;
    END IF;
    SELECT * INTO account
    FROM edgegate.users u
    WHERE u.email_key = address_key
        AND (u.banned_until IS NULL OR u.banned_until <= at)
        AND (link_kind <> 'signup' OR u.email_confirmed_at IS NULL)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('wait', 0, 'mails', '[]'::jsonb);
    END IF;
    UPDATE edgegate.users u SET
        confirmation_sent_at = CASE link_kind WHEN 'signup' THEN at ELSE u.confirmation_sent_at END,
        recovery_sent_at = CASE link_kind WHEN 'signup' THEN u.recovery_sent_at ELSE at END,
        updated_at = at
    WHERE u.id = account.id;
    PERFORM edgegate.issue_link(account.id, link_kind, links, at);
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    VALUES (request_id, account.id, mail_kind || '_mailed', (caller ->> 'ip')::inet, caller ->> 'user_agent', at)
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.queue_mail(drafts, mail_kind, account.id, account.email, account.locale, at);
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued(drafts));
END
$$;

-- Mails the links of a change of address once more, to whoever has not agreed yet. `pending` is the new address that the links
-- and drafts were made for: if it is another by now, nothing is mailed.
CREATE FUNCTION edgegate.mail_email_change_again(
    address_key text, pending text, counters jsonb, links jsonb, drafts jsonb, caller jsonb, at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (caller ->> 'audit_id')::uuid;
    wait integer := edgegate.count_mail(counters, request_id, at);
    owner uuid;
BEGIN
    IF wait > 0 THEN
        RETURN jsonb_build_object('wait', wait);
    END IF;
    SELECT u.id INTO owner
    FROM edgegate.users u
    WHERE u.email_key = address_key AND u.new_email = pending AND (u.banned_until IS NULL OR u.banned_until <= at)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('wait', 0, 'mails', '[]'::jsonb);
    END IF;
    PERFORM edgegate.mail_email_change(owner, links, drafts, at);
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued(drafts));
END
$$;

-- Mails a code to somebody signed in. Returns the caller's standing and, if that is good, as above; 'no_address' is an outcome.
CREATE FUNCTION edgegate.mail_nonce(
    owner uuid,
    session_id uuid,
    idle_since timestamptz,
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
    standing text := edgegate.locked_standing(owner, session_id, at, idle_since, NULL);
    wait integer;
    account edgegate.users;
BEGIN
    IF standing <> 'good' THEN
        RETURN jsonb_build_object('standing', standing);
    END IF;
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    IF account.email IS NULL THEN
        RETURN jsonb_build_object('standing', standing, 'outcome', 'no_address');
    END IF;
    wait := edgegate.count_mail(counters, request_id, at);
    IF wait > 0 THEN
        RETURN jsonb_build_object('standing', standing, 'outcome', 'wait', 'wait', wait);
    END IF;
    UPDATE edgegate.users u SET reauthentication_sent_at = at WHERE u.id = owner;
    PERFORM edgegate.issue_link(owner, 'reauthentication', links, at);
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    VALUES (request_id, owner, 'reauthentication_mailed', (caller ->> 'ip')::inet, caller ->> 'user_agent', at)
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.queue_mail(drafts, 'reauthentication', owner, account.email, account.locale, at);
    RETURN jsonb_build_object('standing', standing, 'outcome', 'done', 'mails', edgegate.queued(drafts));
END
$$;

-- migrate:down
-- Forward only: a mistake is mended by another migration.
