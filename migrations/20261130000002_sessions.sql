-- migrate:up

CREATE TABLE edgegate.sessions (
    id               uuid PRIMARY KEY,
    user_id          uuid NOT NULL REFERENCES edgegate.users (id) ON DELETE CASCADE,
    generation       bigint NOT NULL DEFAULT 0 CHECK (generation BETWEEN 0 AND 4294967295),
    aal              text NOT NULL CHECK (aal IN ('aal1', 'aal2')),
    amr              jsonb NOT NULL CHECK (jsonb_typeof(amr) = 'array'),
    password_version integer NOT NULL DEFAULT 0,
    ip               inet,
    user_agent       text CHECK (length(user_agent) <= 512),
    created_at       timestamptz NOT NULL,
    refreshed_at     timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    revoked_at       timestamptz
);
CREATE INDEX sessions_user_id ON edgegate.sessions (user_id);
-- The sessions of an account that live, however many it had.
CREATE INDEX sessions_alive ON edgegate.sessions (user_id) WHERE revoked_at IS NULL;
-- What housekeeping looks for.
CREATE INDEX sessions_expires_at ON edgegate.sessions (expires_at);
CREATE INDEX sessions_revoked_at ON edgegate.sessions (revoked_at) WHERE revoked_at IS NOT NULL;
COMMENT ON TABLE edgegate.sessions IS
    'One row per sign-in. Holds no token: refresh tokens are the row''s id and generation under a '
    'MAC.';
COMMENT ON COLUMN edgegate.sessions.id IS 'Random, made by the Worker; the claim session_id.';
COMMENT ON COLUMN edgegate.sessions.user_id IS 'Whose session it is; it goes with the account.';
COMMENT ON COLUMN edgegate.sessions.generation IS
    'Which refresh token is the current one (unsigned 32 bit): each rotation adds one.';
COMMENT ON COLUMN edgegate.sessions.aal IS 'Authenticator assurance level reached (NIST SP 800-63B).';
COMMENT ON COLUMN edgegate.sessions.amr IS
    'How and when the user proved who they are: [{"method","timestamp"}], newest first (RFC 8176).';
COMMENT ON COLUMN edgegate.sessions.password_version IS
    'That of the account when the session was opened, or kept through a change. A session whose '
    'account has another ends.';
COMMENT ON COLUMN edgegate.sessions.ip IS 'Address that signed in or refreshed last.';
COMMENT ON COLUMN edgegate.sessions.user_agent IS 'User-Agent that signed in or refreshed last, cut to 512 characters.';
COMMENT ON COLUMN edgegate.sessions.created_at IS 'Sign-in.';
COMMENT ON COLUMN edgegate.sessions.refreshed_at IS 'Newest rotation; the inactivity limit counts from here.';
COMMENT ON COLUMN edgegate.sessions.expires_at IS 'Absolute end, however often refreshed.';
COMMENT ON COLUMN edgegate.sessions.revoked_at IS 'When the session was ended before its time.';

CREATE TABLE edgegate.revocations (
    session_id   uuid PRIMARY KEY,
    user_id      uuid,
    refreshed_at timestamptz NOT NULL,
    noted_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE edgegate.revocations IS 'Sessions ended before their time of which Workers KV does not know yet.';
COMMENT ON COLUMN edgegate.revocations.session_id IS
    'Which session; without a foreign key, since the note outlives it.';
COMMENT ON COLUMN edgegate.revocations.user_id IS
    'Whose session it was; without a foreign key, since the note outlives the account.';
COMMENT ON COLUMN edgegate.revocations.refreshed_at IS
    'Its newest rotation, which says until when an access token of it may live. After that nobody '
    'needs to know.';
COMMENT ON COLUMN edgegate.revocations.noted_at IS
    'When it ended. Of those that KV has to be told of, the longest noted comes first.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
