-- migrate:up

-- A session that ends before its time has to be told to Workers KV, which cannot take part in a transaction. So it is noted
-- here by whatever ends it, and the note goes once KV has it: after the response, or by the Cron Trigger. Triggers, so that
-- no way of ending a session can forget it: sign-out, ban, deletion of the account, a statement typed by hand. (They also note
-- sessions that housekeeping removes long after their end; the same run of the Cron Trigger drops those.)
CREATE TABLE edgegate.revocations (
    session_id   uuid PRIMARY KEY,
    refreshed_at timestamptz NOT NULL
);
COMMENT ON TABLE edgegate.revocations IS 'Sessions ended before their time of which Workers KV does not know yet.';
COMMENT ON COLUMN edgegate.revocations.session_id IS 'Which session; without a foreign key, since the note outlives it.';
COMMENT ON COLUMN edgegate.revocations.refreshed_at IS 'Its newest rotation, which says until when an access token of it may live. After that nobody needs to know.';

CREATE FUNCTION edgegate.note_revocation() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO edgegate.revocations (session_id, refreshed_at) VALUES (old.id, old.refreshed_at) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER session_revoked AFTER UPDATE OF revoked_at ON edgegate.sessions
FOR EACH ROW WHEN (old.revoked_at IS NULL AND new.revoked_at IS NOT NULL) EXECUTE FUNCTION edgegate.note_revocation();
CREATE TRIGGER session_deleted AFTER DELETE ON edgegate.sessions
FOR EACH ROW WHEN (old.revoked_at IS NULL) EXECUTE FUNCTION edgegate.note_revocation();

-- Opens a session and ends the oldest of the account beyond `most`; returns those that it ended. Call it with the account's
-- row locked (UPDATE edgegate.users): then the limit holds however many sign in at once, since each statement in a
-- VOLATILE function sees what was committed while the caller waited for that lock.
CREATE FUNCTION edgegate.open_session(
    session_id uuid,
    owner uuid,
    methods jsonb,
    caller_ip inet,
    caller_user_agent text,
    at timestamptz,
    ends_at timestamptz,
    idle_since timestamptz,
    most integer
) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ended uuid[];
BEGIN
    INSERT INTO edgegate.sessions (id, user_id, amr, ip, user_agent, created_at, refreshed_at, expires_at)
    VALUES (session_id, owner, methods, caller_ip, caller_user_agent, at, at, ends_at)
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        -- Sent again. What was opened since must not end for it.
        RETURN ARRAY (SELECT s.id FROM edgegate.sessions s WHERE s.user_id = owner AND s.revoked_at = at);
    END IF;
    WITH surplus AS (
        SELECT s.id
        FROM edgegate.sessions s
        WHERE s.user_id = owner
            AND s.id <> session_id
            AND s.revoked_at IS NULL
            AND s.expires_at > at
            AND s.refreshed_at > idle_since
        ORDER BY s.created_at DESC, s.id
        OFFSET most - 1
    ), ending AS (
        UPDATE edgegate.sessions s SET revoked_at = at FROM surplus WHERE s.id = surplus.id RETURNING s.id
    )
    SELECT coalesce(array_agg(id), '{}') INTO ended FROM ending;
    RETURN ended;
END
$$;

-- Ends every session of an account but one (or none, for null); returns those that it ended. Call it with the account's row
-- locked, as above: then no sign-in that was under way meanwhile escapes. Sent again it returns the same.
CREATE FUNCTION edgegate.end_sessions(owner uuid, but_not uuid, at timestamptz) RETURNS uuid[]
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
    RETURN ended;
END
$$;

-- Whether a session is good for a call: 'good', or why not. Also good for the request `request_id` once that has ended the
-- session itself and was recorded: its statement may be sent twice.
CREATE FUNCTION edgegate.standing(owner uuid, session_id uuid, at timestamptz, idle_since timestamptz, request_id uuid) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN u.id IS NULL THEN 'no_user'
        WHEN EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = request_id) THEN 'good'
        WHEN s.id IS NULL OR s.revoked_at IS NOT NULL OR s.expires_at <= at OR s.refreshed_at <= idle_since THEN 'no_session'
        WHEN u.banned_until > at THEN 'banned'
        ELSE 'good'
    END
    FROM (VALUES (owner, session_id)) AS asked (user_id, session_id)
    LEFT JOIN edgegate.users u ON u.id = asked.user_id
    LEFT JOIN edgegate.sessions s ON s.id = asked.session_id AND s.user_id = u.id
$$;

-- The same for a call that changes something, asked with the account's row locked: whatever ends all sessions of the account has
-- done so, or comes after it.
CREATE FUNCTION edgegate.locked_standing(owner uuid, session_id uuid, at timestamptz, idle_since timestamptz, request_id uuid)
RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM FROM edgegate.users u WHERE u.id = owner FOR NO KEY UPDATE;
    -- A statement of its own, so that it sees what was committed while we waited for the lock.
    RETURN edgegate.standing(owner, session_id, at, idle_since, request_id);
END
$$;

-- The sessions of an account that live, however many it had; and what housekeeping looks for.
CREATE INDEX sessions_alive ON edgegate.sessions (user_id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_revoked_at ON edgegate.sessions (revoked_at) WHERE revoked_at IS NOT NULL;

COMMENT ON COLUMN edgegate.outbox.expires_at IS 'When its link dies, or it is of no use any more: it is not sent after that.';
COMMENT ON COLUMN edgegate.sessions.ip IS 'Address that signed in or refreshed last.';
COMMENT ON COLUMN edgegate.sessions.user_agent IS 'User-Agent that signed in or refreshed last, cut to 512 characters.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
