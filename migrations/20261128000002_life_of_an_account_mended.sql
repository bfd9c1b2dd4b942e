-- migrate:up

-- What an audit of the life of an account found. Functions that are here replace those of 20261124000003.

-- ---- Several links that take a change of address back ----
--
-- There was one such link to an account, so whoever had moved it to an address of their own killed the owner's link by asking for the next
-- change. Now there is one for each address to go back to, and using one kills those that were issued after it: they are
-- from whoever came later.

ALTER TABLE edgegate.one_time_tokens
    DROP CONSTRAINT one_time_tokens_pkey,
    ADD PRIMARY KEY (token_digest),
    DROP CONSTRAINT one_time_tokens_token_digest_key,
    ADD COLUMN user_metadata jsonb CHECK (jsonb_typeof(user_metadata) = 'object');
CREATE UNIQUE INDEX one_time_tokens_newest ON edgegate.one_time_tokens (user_id, kind) WHERE kind <> 'email_change_undo';
CREATE UNIQUE INDEX one_time_tokens_undo ON edgegate.one_time_tokens (user_id, lower(restores_email COLLATE "C"))
WHERE kind = 'email_change_undo';
COMMENT ON COLUMN edgegate.one_time_tokens.user_metadata IS 'What came with the request for a link that signs in: becomes the metadata of an account that nobody has confirmed before.';
COMMENT ON TABLE edgegate.one_time_tokens IS 'The newest mailed link and code of each kind; issuing another replaces the row, which kills the earlier ones. Of links that take a change of address back, one for each address to go back to.';

DROP FUNCTION edgegate.issue_link(uuid, text, jsonb, timestamptz, text);

-- ---- Two people who claim one address, by whatever mail ----
--
-- Only a second sign-up used to contest the first. But the owner of a mailbox may ask to sign in by mail while a stranger signs up, or the
-- other way round; then they type the newest code they got, and must not confirm the stranger's password by that.

-- Whether a link that recovers or signs in is open that another network asked for, of an account that nobody confirmed.
CREATE FUNCTION edgegate.mailed_by_somebody_else(owner uuid, network bytea, at timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE
AS $$
    SELECT EXISTS (
        SELECT
        FROM edgegate.one_time_tokens t
        JOIN edgegate.users u ON u.id = t.user_id
        WHERE t.user_id = owner
            AND u.email_confirmed_at IS NULL
            AND t.kind IN ('magiclink', 'recovery')
            AND t.consumed_at IS NULL
            AND t.expires_at > at
            AND t.network_digest IS DISTINCT FROM network
    )
$$;

-- Contests the open link of a sign-up that another network made: its author may be the owner, or a stranger.
CREATE FUNCTION edgegate.contest_sign_up(address_key text, link jsonb) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.one_time_tokens t SET contested = true
    FROM edgegate.users u
    WHERE u.email_key = address_key
        AND u.email_confirmed_at IS NULL
        AND t.user_id = u.id
        AND t.kind = 'signup'
        AND t.consumed_at IS NULL
        AND NOT coalesce(
            t.browser_digest = decode(link ->> 'presented_browser_digest', 'hex')
            OR t.network_digest = decode(link ->> 'network_digest', 'hex'),
            false
        )
$$;

-- Issues a link and code; the earlier ones of the kind die, and so does what an earlier link was traded for. Wrong codes go on counting.
--
-- A link that claims an address for an account (sign-up, new address) stays bound to the browser that asked for it: where another
-- browser asks for the same mail again, the first one's cookie, PKCE challenge and destination stay.
CREATE OR REPLACE FUNCTION edgegate.issue_link(owner uuid, link_kind text, links jsonb, at timestamptz) RETURNS void
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
        contested,
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
        link_kind = 'signup' AND edgegate.mailed_by_somebody_else(owner, network, at),
        at,
        (link ->> 'expires_at')::timestamptz
    )
    ON CONFLICT (user_id, kind) WHERE kind <> 'email_change_undo' DO UPDATE SET
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
        contested = CASE
            WHEN again THEN t.contested
            WHEN link_kind = 'signup' THEN
                t.consumed_at IS NULL
                AND t.expires_at > at
                AND (t.contested OR NOT coalesce(t.browser_digest = presented OR t.network_digest = network, false))
                OR edgegate.mailed_by_somebody_else(owner, network, at)
            ELSE false
        END,
        created_at = excluded.created_at,
        expires_at = excluded.expires_at,
        auth_code_digest = NULL,
        auth_code_expires_at = NULL,
        consumed_at = NULL,
        consumed_by = NULL,
        outcome = NULL,
        user_metadata = NULL
    -- Sent twice, it changes nothing the second time.
    WHERE t.token_digest <> excluded.token_digest;
END
$$;

-- Issues a link that takes a change of address back. Of links to one address the newer one kills the older.
CREATE FUNCTION edgegate.issue_undo_link(owner uuid, links jsonb, restores text, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    link jsonb := links -> 'email_change_undo';
BEGIN
    DELETE FROM edgegate.one_time_tokens t WHERE t.user_id = owner AND t.kind = 'email_change_undo' AND t.expires_at <= at;
    INSERT INTO edgegate.one_time_tokens AS t (
        user_id, kind, token_digest, code_digest, redirect_to, restores_email, created_at, expires_at
    )
    VALUES (
        owner,
        'email_change_undo',
        decode(link ->> 'token_digest', 'hex'),
        decode(link ->> 'code_digest', 'hex'),
        link ->> 'redirect_to',
        restores,
        at,
        (link ->> 'expires_at')::timestamptz
    )
    ON CONFLICT (user_id, lower(restores_email COLLATE "C")) WHERE kind = 'email_change_undo' DO UPDATE SET
        token_digest = excluded.token_digest,
        code_digest = excluded.code_digest,
        redirect_to = excluded.redirect_to,
        restores_email = excluded.restores_email,
        created_at = excluded.created_at,
        expires_at = excluded.expires_at,
        consumed_at = NULL,
        consumed_by = NULL,
        outcome = NULL
    -- Sent twice, it changes nothing the second time.
    WHERE t.token_digest <> excluded.token_digest;
END
$$;

-- ---- No mail after its link has died ----

-- Gives up mails of these kinds that wait and whose link is dead by now: replaced by a newer one, used, or ended. `but_not` is the newer one. Of
-- those that were given up before the text goes: nobody can queue them again.
CREATE OR REPLACE FUNCTION edgegate.drop_dead_mail(owner uuid, mail_kinds text[], but_not uuid, at timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.outbox o SET
        next_attempt_at = NULL,
        failed_at = coalesce(o.failed_at, at),
        last_error = CASE WHEN o.failed_at IS NULL THEN 'its link had died' ELSE o.last_error END,
        sealed = NULL
    WHERE o.user_id = owner AND o.kind = ANY (mail_kinds) AND o.id IS DISTINCT FROM but_not
        AND (o.next_attempt_at IS NOT NULL OR o.failed_at IS NOT NULL AND o.sealed IS NOT NULL)
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
    IF mail_kind IN ('confirm_signup', 'sign_in', 'recovery', 'email_change_current', 'email_change_new', 'reauthentication') THEN
        PERFORM edgegate.drop_dead_mail(owner, ARRAY[mail_kind], (draft ->> 'id')::uuid, at);
    END IF;
END
$$;

-- ---- Each mailbox is counted ----
--
-- A change of address mails two mailboxes, and only one was counted. `counters` may now have "also": keys of further recipients. Recipients
-- are locked in the order of their keys, after the network and before what everybody shares; and all of them before the
-- account, by everybody.

-- Counts a mail as `edgegate.count_mail` does. Returns {"wait", "also"}: the seconds that the caller has to wait, and those that a further
-- recipient is to be left alone.
CREATE FUNCTION edgegate.count_mails(counters jsonb, request_id uuid, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    wait integer := edgegate.spend(
        decode(counters ->> 'network', 'hex'), request_id, at, (counters ->> 'network_per_hour')::integer
    );
    also integer := 0;
    recipient text;
    seconds integer;
BEGIN
    IF wait = 0 THEN
        FOR recipient IN
            SELECT k.key
            FROM jsonb_array_elements_text(coalesce(counters -> 'also', '[]') || jsonb_build_array(counters -> 'recipient')) AS k (key)
            ORDER BY k.key
        LOOP
            seconds := edgegate.count_attempt(
                decode(recipient, 'hex'),
                request_id,
                at,
                ARRAY (SELECT w::integer FROM jsonb_array_elements_text(counters -> 'recipient_waits') AS w),
                (counters ->> 'recipient_forget_after')::integer
            );
            IF recipient = counters ->> 'recipient' THEN
                wait := greatest(wait, seconds);
            ELSE
                also := greatest(also, seconds);
            END IF;
        END LOOP;
    END IF;
    IF wait = 0 THEN
        wait := edgegate.spend(decode(counters ->> 'all', 'hex'), request_id, at, (counters ->> 'all_per_hour')::integer);
    END IF;
    RETURN jsonb_build_object('wait', wait, 'also', also);
END
$$;

-- Counts a mail that a caller asks for, whether or not one will leave, so that the answer tells nothing. `counters` has the
-- keys and limits: see `db::mailing::Counters`. Returns 0, or the seconds to wait. What everybody shares comes last:
-- whoever is refused anyway takes nothing from it.
CREATE OR REPLACE FUNCTION edgegate.count_mail(counters jsonb, request_id uuid, at timestamptz) RETURNS integer
LANGUAGE sql VOLATILE
AS $$
    SELECT greatest((counted ->> 'wait')::integer, (counted ->> 'also')::integer)
    FROM edgegate.count_mails(counters, request_id, at) AS counted
$$;

-- ---- Signing in ----
--
-- Opens the session `opening` (see `db::sessions::NewSession`) for an account whose row the caller has locked. Keeps an account that was to be
-- deleted. Its owner is told of a new device, if there is a draft for that. The 50 newest devices are remembered.
CREATE OR REPLACE FUNCTION edgegate.sign_in(owner uuid, opening jsonb, drafts jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    known boolean;
    first_time boolean;
BEGIN
    IF drafts ? 'new_device' THEN
        SELECT EXISTS (SELECT FROM edgegate.devices d WHERE d.user_id = owner) INTO known;
        INSERT INTO edgegate.devices (user_id, device, first_seen_at)
        VALUES (owner, opening ->> 'device', at)
        ON CONFLICT DO NOTHING;
        first_time := FOUND;
        DELETE FROM edgegate.devices d WHERE first_time AND d.user_id = owner AND d.device IN (
            SELECT o.device FROM edgegate.devices o WHERE o.user_id = owner ORDER BY o.first_seen_at DESC, o.device OFFSET 50
        );
        IF first_time AND known THEN
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

-- Takes a change of address back, whether it is under way or made: the owner of the old mailbox says that it was somebody else. So everybody
-- is signed out, the password is void, and so are later links of this kind. Returns 'undone', or 'taken' if somebody else has
-- confirmed the address since.
CREATE OR REPLACE FUNCTION edgegate.undo_email_change(owner uuid, restores text, at timestamptz) RETURNS text
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
    -- Those that came after the link that was used are from whoever made the change, or from those it was made for.
    UPDATE edgegate.one_time_tokens t SET expires_at = least(t.expires_at, at)
    WHERE t.user_id = owner AND t.kind = 'email_change_undo' AND t.consumed_at IS NULL
        AND t.created_at >= (
            SELECT o.created_at
            FROM edgegate.one_time_tokens o
            WHERE o.user_id = owner
                AND o.kind = 'email_change_undo'
                AND lower(o.restores_email COLLATE "C") = lower(restores COLLATE "C")
        );
    PERFORM edgegate.end_sessions(owner, NULL, at);
    RETURN outcome;
END
$$;

-- Mails the links of a change of address to those who have not agreed yet. Where the new address has a confirmed account, its owner is told
-- instead, and the caller does not learn it.
CREATE OR REPLACE FUNCTION edgegate.mail_email_change(owner uuid, links jsonb, drafts jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
    holder edgegate.users;
BEGIN
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    IF account.email IS NOT NULL AND account.email_change_current_at IS NULL THEN
        PERFORM edgegate.issue_link(owner, 'email_change_current', links, at);
        PERFORM edgegate.issue_undo_link(owner, links, account.email, at);
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

-- ---- Which link may set a password ----
--
-- A link to a new address took a new password before the current mailbox had agreed to the change. So whoever had a stolen access token asked
-- for a change to a mailbox of their own, set a password there, and had the account.

-- Whether the page behind this link may set a new password. One that recovers may. One that claims an address may where it
-- makes the account its owner's: of an account that nobody confirmed, and of a new address to which the current mailbox, if there is one, has
-- agreed.
CREATE FUNCTION edgegate.takes_new_password(link edgegate.one_time_tokens) RETURNS boolean
LANGUAGE sql VOLATILE
AS $$
    SELECT CASE link.kind
        WHEN 'recovery' THEN true
        WHEN 'signup' THEN u.email_confirmed_at IS NULL
        WHEN 'email_change_new' THEN u.email IS NULL OR u.email_change_current_at IS NOT NULL
        ELSE false
    END
    FROM edgegate.users u
    WHERE u.id = link.user_id
$$;

-- Looks at a link without using it up. `guess` has what a password that somebody typed is counted by, if it is one that has to be
-- verified: {"request_id", "waits", "forget_after"}. It is counted for the account, before it is verified, whichever link it came
-- with. Null: the link is dead. "wait" is how many seconds to wait.
CREATE FUNCTION edgegate.open_link(digest bytea, browser bytea, guess jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    link edgegate.one_time_tokens;
    account edgegate.users;
    wait integer := 0;
BEGIN
    SELECT * INTO link
    FROM edgegate.one_time_tokens t
    WHERE t.token_digest = digest AND t.consumed_at IS NULL AND t.expires_at > at;
    SELECT * INTO account
    FROM edgegate.users u
    WHERE u.id = link.user_id AND (u.banned_until IS NULL OR u.banned_until <= at);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF guess IS NOT NULL AND link.kind IN ('signup', 'email_change_new') AND account.password_hash IS NOT NULL THEN
        wait := edgegate.count_attempt(
            edgegate.link_password_key(account.id),
            (guess ->> 'request_id')::uuid,
            at,
            ARRAY (SELECT w::integer FROM jsonb_array_elements_text(guess -> 'waits') AS w),
            (guess ->> 'forget_after')::integer
        );
    END IF;
    RETURN jsonb_build_object(
        'kind', link.kind,
        'email', CASE
            WHEN link.kind IN ('email_change_current', 'email_change_new') THEN account.new_email
            WHEN link.kind = 'email_change_undo' THEN link.restores_email
            ELSE account.email
        END,
        'password_hash', account.password_hash,
        'takes_new_password', edgegate.takes_new_password(link),
        'same_browser', coalesce(link.browser_digest = browser, false),
        'for_app', link.code_challenge IS NOT NULL,
        'redirect_to', link.redirect_to,
        'wait', wait
    );
END
$$;

-- Key of the counter of wrong passwords on the pages behind links. Ids of accounts are no secret, so it needs none.
CREATE FUNCTION edgegate.link_password_key(owner uuid) RETURNS bytea
LANGUAGE sql IMMUTABLE
AS $$ SELECT sha256(convert_to('link password ' || owner::text, 'UTF8')) $$;

-- What using a link or code does, by its kind. The caller has locked the account and then used up the link. `new_hash` is a password that came with
-- it. Returns the account, what became of it, the sessions that ended and the mails to send.
--
-- Of an account that nobody confirmed nobody knows whose password and metadata are. So whoever proves the mailbox without knowing
-- the password voids both.
CREATE OR REPLACE FUNCTION edgegate.redeem(
    link edgegate.one_time_tokens, new_hash text, signs_in boolean, opening jsonb, drafts jsonb, at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    owner uuid := link.user_id;
    result text := link.outcome;
    before edgegate.users;
BEGIN
    IF result IS NULL THEN
        SELECT * INTO before FROM edgegate.users u WHERE u.id = owner;
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
                user_metadata = CASE
                    WHEN u.email_confirmed_at IS NOT NULL THEN u.user_metadata
                    ELSE coalesce(link.user_metadata, '{}')
                END,
                delete_after = CASE link.kind WHEN 'recovery' THEN NULL ELSE u.delete_after END,
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
        UPDATE edgegate.one_time_tokens t SET outcome = result WHERE t.token_digest = link.token_digest;
        -- The others that would confirm or sign in are of no use any more, or of use to somebody else.
        UPDATE edgegate.one_time_tokens t SET expires_at = least(t.expires_at, at), auth_code_expires_at = least(t.auth_code_expires_at, at)
        WHERE t.user_id = owner AND t.kind IN ('signup', 'magiclink') AND t.kind <> link.kind
            AND t.consumed_at IS NULL AND result IN ('confirmed', 'signed_in');
        IF result IN ('confirmed', 'signed_in', 'recovered') THEN
            PERFORM edgegate.drop_dead_mail(owner, ARRAY['confirm_signup', 'sign_in', 'invite'], NULL, at);
        END IF;
        -- To the address that the account had: whoever sets a password on the page of a new address reads the new one. Nobody is told of
        -- the first password of an account that nobody had confirmed.
        IF new_hash IS NOT NULL AND before.email_confirmed_at IS NOT NULL AND result <> 'taken' THEN
            PERFORM edgegate.queue_mail(drafts, 'password_changed', owner, before.email, before.locale, at);
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

-- Uses up a link. Null: it is dead, of another kind than those wanted, or what it needs did not come with it, or what came it may not
-- take. A sign-up that two people contest needs the cookie or a password.
CREATE OR REPLACE FUNCTION edgegate.use_link(
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
        AND (new_hash IS NULL OR edgegate.takes_new_password(t) OR t.outcome IS NOT NULL)
    RETURNING * INTO link;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF verified_hash IS NOT NULL OR new_hash IS NOT NULL THEN
        DELETE FROM edgegate.attempts a WHERE a.key = edgegate.link_password_key(link.user_id);
    END IF;
    RETURN edgegate.redeem(link, new_hash, signs_in, opening, drafts, at);
END
$$;

DROP FUNCTION edgegate.use_code(text, text[], bytea[], timestamptz, integer, jsonb, jsonb, timestamptz);

-- Uses up a code that was sent to this address, or counts a wrong try against each code it might have been. `counter` counts the tries of
-- an address that accounts may be changed to, whichever account: its codes are as many as there are accounts that want
-- it. Null: wrong, dead, or nobody's.
CREATE FUNCTION edgegate.use_code(
    address_key text,
    counter bytea,
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
    pending uuid;
    link edgegate.one_time_tokens;
BEGIN
    -- Sent again: by now the account may have another address.
    SELECT t.* INTO link FROM edgegate.one_time_tokens t WHERE t.consumed_by = request_id;
    IF FOUND THEN
        PERFORM FROM edgegate.users u WHERE u.id = link.user_id FOR NO KEY UPDATE;
        RETURN edgegate.redeem(link, NULL, true, opening, drafts, at);
    END IF;
    -- Of the accounts that want this address, the one that asked last: else one guess would be tried on the codes of all.
    IF 'email_change_new' = ANY (kinds) THEN
        SELECT t.user_id INTO pending
        FROM edgegate.users u
        JOIN edgegate.one_time_tokens t ON t.user_id = u.id AND t.kind = 'email_change_new'
        WHERE lower(u.new_email COLLATE "C") = address_key AND t.consumed_at IS NULL AND t.expires_at > at
        ORDER BY t.created_at DESC, t.user_id
        LIMIT 1;
    END IF;
    -- Before the account is locked, like everybody who locks both; and only where somebody wants the address, or anybody could use its tries
    -- up beforehand.
    IF pending IS NOT NULL AND edgegate.count_attempt(
        counter,
        request_id,
        at,
        array_fill(0, ARRAY[most_failures - 1]) || extract(epoch FROM at - failures_since)::integer,
        extract(epoch FROM at - failures_since)::integer
    ) > 0 THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(locked.id) INTO owners
    FROM (
        SELECT u.id
        FROM edgegate.users u
        WHERE (u.email_key = address_key OR u.id = pending AND lower(u.new_email COLLATE "C") = address_key)
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
        DELETE FROM edgegate.attempts a WHERE a.key = counter;
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

-- ---- What an access token says may be over ----
--
-- An access token names the address and says whether the account is anonymous, as of when it was made. What is decided by that
-- is compared with the account; 'stale' asks the caller to refresh.


-- Whether the caller has proved once more who they are: 'good', 'outdated' (the password was changed since it was verified), 'wrong_nonce', 'stale'.
-- `proof` has one of: "verified_hash"; "nonces" (digests of the typed code, hex) with "address_key", the address they were made for;
-- "fresh": "sign_in" (the session is young enough) or "anonymous" (there is nothing to prove it by). A wrong nonce is counted.
CREATE OR REPLACE FUNCTION edgegate.prove(
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
        IF NOT EXISTS (SELECT FROM edgegate.users u WHERE u.id = owner AND u.email_key = proof ->> 'address_key') THEN
            RETURN 'stale';
        END IF;
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
            PERFORM edgegate.drop_dead_mail(owner, ARRAY['reauthentication'], NULL, at);
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
    IF proof ->> 'fresh' = 'anonymous' THEN
        PERFORM FROM edgegate.users u WHERE u.id = owner AND u.is_anonymous;
        RETURN CASE WHEN FOUND THEN 'good' ELSE 'stale' END;
    END IF;
    RETURN CASE WHEN proof ? 'fresh' THEN 'good' ELSE 'wrong_nonce' END;
END
$$;

-- Changes what the caller asks for: all of it or nothing. `changes` may have "new_hash", "metadata" (merged into what there is; a null removes a
-- member), "locale", "email". A new password ends the other sessions, every open link and a change of address under way. Returns the
-- caller's standing and, if that is good, an outcome: 'done', 'wait', 'metadata_too_large', 'no_address' (a password without
-- an address to sign in with), 'stale' (the links are for another address than the account's), or why the proof failed.
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

-- ---- Asking for mail ----

-- What asking for a mail costs where there is nobody to send one to, or nobody who may have it: about as much as queueing one, so that the time
-- it takes does not tell. What is recorded says that somebody asks for addresses without an account.
CREATE FUNCTION edgegate.mail_nobody(mail_kind text, drafts jsonb, caller jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    draft jsonb := drafts -> mail_kind;
BEGIN
    INSERT INTO edgegate.audit_events (id, action, ip, user_agent, created_at)
    VALUES ((caller ->> 'audit_id')::uuid, 'nobody_mailed', (caller ->> 'ip')::inet, caller ->> 'user_agent', at)
    ON CONFLICT (id) DO NOTHING;
    -- Never seen by anybody: it goes within this statement.
    INSERT INTO edgegate.outbox (id, kind, locale, recipient, sealed, created_at, expires_at, next_attempt_at)
    VALUES (
        (draft ->> 'id')::uuid,
        mail_kind,
        'en',
        '',
        decode(draft ->> 'sealed', 'hex'),
        at,
        (draft ->> 'expires_at')::timestamptz,
        (draft ->> 'lease_until')::timestamptz
    );
    PERFORM FROM edgegate.mail_suppressions s WHERE s.email_key = '';
    PERFORM FROM edgegate.mail_pause p WHERE p.paused_until > at;
    DELETE FROM edgegate.outbox o WHERE o.id = (draft ->> 'id')::uuid;
    PERFORM edgegate.queued(drafts);
END
$$;


-- Signs up an address that has to be confirmed. A new address gets an account; an unconfirmed one gets the new password and its
-- earlier links die; the owner of a confirmed one gets a mail that says so, and nothing changes. Even an attempt that has to
-- wait contests the open link of somebody else: its author may be the owner, about to type the code of a stranger's sign-up.
CREATE OR REPLACE FUNCTION edgegate.sign_up(new_account jsonb, counters jsonb, links jsonb, drafts jsonb, caller jsonb, at timestamptz)
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
        PERFORM edgegate.contest_sign_up(address_key, links -> 'signup');
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

-- Mails a link and code of this kind to the account with this address, if it may have one; with `new_account`, makes an account without a password
-- if there is none. What is answered and done before the mail is the same for every address, and about as much is written. Even an attempt that
-- has to wait contests the open link of somebody else's sign-up, as `edgegate.sign_up` does.
CREATE OR REPLACE FUNCTION edgegate.mail_link(
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
        IF link_kind <> 'signup' THEN
            PERFORM edgegate.contest_sign_up(address_key, links -> link_kind);
        END IF;
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
        PERFORM edgegate.mail_nobody(mail_kind, drafts, caller, at);
        RETURN jsonb_build_object('wait', 0, 'mails', '[]'::jsonb);
    END IF;
    UPDATE edgegate.users u SET
        confirmation_sent_at = CASE link_kind WHEN 'signup' THEN at ELSE u.confirmation_sent_at END,
        recovery_sent_at = CASE link_kind WHEN 'signup' THEN u.recovery_sent_at ELSE at END,
        updated_at = at
    WHERE u.id = account.id;
    PERFORM edgegate.issue_link(account.id, link_kind, links, at);
    IF link_kind <> 'signup' THEN
        PERFORM edgegate.contest_sign_up(address_key, links -> link_kind);
    END IF;
    IF new_account IS NOT NULL THEN
        UPDATE edgegate.one_time_tokens t SET user_metadata = new_account -> 'user_metadata'
        WHERE t.token_digest = decode(links -> link_kind ->> 'token_digest', 'hex');
    END IF;
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    VALUES (request_id, account.id, mail_kind || '_mailed', (caller ->> 'ip')::inet, caller ->> 'user_agent', at)
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.queue_mail(drafts, mail_kind, account.id, account.email, account.locale, at);
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued(drafts));
END
$$;

-- Mails the links of a change of address once more, to whoever has not agreed yet. `pending` is the new address that the links and drafts were made
-- for: if it is another by now, nothing is mailed.
CREATE OR REPLACE FUNCTION edgegate.mail_email_change_again(
    address_key text, pending text, counters jsonb, links jsonb, drafts jsonb, caller jsonb, at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (caller ->> 'audit_id')::uuid;
    counted jsonb := edgegate.count_mails(counters, request_id, at);
    wait integer := counted -> 'wait';
    owner uuid;
BEGIN
    IF wait > 0 THEN
        RETURN jsonb_build_object('wait', wait);
    END IF;
    -- That the new mailbox has had too many is not told: the caller does not know of it.
    SELECT u.id INTO owner
    FROM edgegate.users u
    WHERE (counted -> 'also')::integer = 0 AND u.email_key = address_key AND u.new_email = pending AND (u.banned_until IS NULL OR u.banned_until <= at)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM edgegate.mail_nobody('email_change_new', drafts, caller, at);
        RETURN jsonb_build_object('wait', 0, 'mails', '[]'::jsonb);
    END IF;
    PERFORM edgegate.mail_email_change(owner, links, drafts, at);
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued(drafts));
END
$$;

-- Mails a code to somebody signed in. Returns the caller's standing and, if that is good, as above; 'no_address' and 'stale' are outcomes.
CREATE OR REPLACE FUNCTION edgegate.mail_nonce(
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
    standing text := edgegate.standing(owner, session_id, at, idle_since, NULL);
    wait integer;
    account edgegate.users;
BEGIN
    IF standing <> 'good' THEN
        RETURN jsonb_build_object('standing', standing);
    END IF;
    -- Counters before the account, like everybody who locks both.
    wait := edgegate.count_mail(counters, request_id, at);
    standing := edgegate.locked_standing(owner, session_id, at, idle_since, NULL);
    IF standing <> 'good' THEN
        RETURN jsonb_build_object('standing', standing);
    END IF;
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    IF account.email IS NULL THEN
        RETURN jsonb_build_object('standing', standing, 'outcome', 'no_address');
    END IF;
    IF links -> 'reauthentication' ->> 'address_key' IS DISTINCT FROM account.email_key THEN
        RETURN jsonb_build_object('standing', standing, 'outcome', 'stale');
    END IF;
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
