-- migrate:up

-- Everything edgegate owns lives in one schema, so that it can share a database with the app it serves.
-- Column types are built-in ones only (text + CHECK instead of enums): a type of one's own would cost a hidden
-- prepared statement per query, which a transaction-mode pooler such as Hyperdrive does not forgive.
CREATE SCHEMA IF NOT EXISTS edgegate;

CREATE TABLE edgegate.users (
    id                   uuid PRIMARY KEY,
    email                text CHECK (length(email) <= 254),
    email_key            text GENERATED ALWAYS AS (lower(email COLLATE "C")) STORED UNIQUE,
    password_hash        text,
    email_confirmed_at   timestamptz,
    confirmation_sent_at timestamptz,
    last_sign_in_at      timestamptz,
    banned_until         timestamptz CHECK (isfinite(banned_until)),
    app_metadata         jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(app_metadata) = 'object'),
    user_metadata        jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(user_metadata) = 'object'),
    locale               text NOT NULL CHECK (locale IN ('en', 'ru')),
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL
);
COMMENT ON TABLE edgegate.users IS 'One row per account. Apps may reference it: REFERENCES edgegate.users (id) ON DELETE CASCADE.';
COMMENT ON COLUMN edgegate.users.id IS 'Random (version 4), made by the Worker so that a statement sent twice inserts once. Never reused.';
COMMENT ON COLUMN edgegate.users.email IS 'Where mail goes: local part as typed, domain as lower-case A-labels. Null once an account has none.';
COMMENT ON COLUMN edgegate.users.email_key IS 'What makes an address unique: the whole address lower-cased in ASCII.';
COMMENT ON COLUMN edgegate.users.password_hash IS 'PHC string, keyed with a pepper that is not in this database. Null: no password set.';
COMMENT ON COLUMN edgegate.users.email_confirmed_at IS 'When the owner of the mailbox confirmed it. Null: nobody has signed in yet, and the next sign-up replaces the password.';
COMMENT ON COLUMN edgegate.users.confirmation_sent_at IS 'When the newest confirmation mail was queued.';
COMMENT ON COLUMN edgegate.users.last_sign_in_at IS 'Newest sign-in by any method.';
COMMENT ON COLUMN edgegate.users.banned_until IS 'Until then nothing signs this account in and no session of it is accepted.';
COMMENT ON COLUMN edgegate.users.app_metadata IS 'Set by the operator only; copied into every access token.';
COMMENT ON COLUMN edgegate.users.user_metadata IS 'Set by the user (sign-up field "data"); copied into every access token. Never trust it for authorization.';
COMMENT ON COLUMN edgegate.users.locale IS 'Language of mails to this user.';
COMMENT ON COLUMN edgegate.users.created_at IS 'When the account was created.';
COMMENT ON COLUMN edgegate.users.updated_at IS 'When anything in this row last changed.';

CREATE INDEX users_unconfirmed ON edgegate.users (created_at) WHERE email_confirmed_at IS NULL;

CREATE TABLE edgegate.sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES edgegate.users (id) ON DELETE CASCADE,
    generation   bigint NOT NULL DEFAULT 0 CHECK (generation BETWEEN 0 AND 4294967295),
    aal          text NOT NULL DEFAULT 'aal1' CHECK (aal IN ('aal1', 'aal2')),
    amr          jsonb NOT NULL CHECK (jsonb_typeof(amr) = 'array'),
    ip           inet,
    user_agent   text CHECK (length(user_agent) <= 512),
    created_at   timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz
);
CREATE INDEX sessions_user_id ON edgegate.sessions (user_id);
CREATE INDEX sessions_expires_at ON edgegate.sessions (expires_at);
COMMENT ON TABLE edgegate.sessions IS 'One row per sign-in. Holds no token: refresh tokens are the row''s id and generation under a MAC.';
COMMENT ON COLUMN edgegate.sessions.id IS 'Random, made by the Worker; the claim session_id.';
COMMENT ON COLUMN edgegate.sessions.user_id IS 'Whose session it is; it goes with the account.';
COMMENT ON COLUMN edgegate.sessions.generation IS 'Which refresh token is the current one (unsigned 32 bit): each rotation adds one.';
COMMENT ON COLUMN edgegate.sessions.aal IS 'Authenticator assurance level reached (NIST SP 800-63B).';
COMMENT ON COLUMN edgegate.sessions.amr IS 'How and when the user proved who they are: [{"method","timestamp"}], newest first (RFC 8176).';
COMMENT ON COLUMN edgegate.sessions.ip IS 'Address that signed in.';
COMMENT ON COLUMN edgegate.sessions.user_agent IS 'User-Agent that signed in, cut to 512 characters.';
COMMENT ON COLUMN edgegate.sessions.created_at IS 'Sign-in.';
COMMENT ON COLUMN edgegate.sessions.refreshed_at IS 'Newest rotation; the inactivity limit counts from here.';
COMMENT ON COLUMN edgegate.sessions.expires_at IS 'Absolute end, however often refreshed.';
COMMENT ON COLUMN edgegate.sessions.revoked_at IS 'When the session was ended before its time.';

CREATE TABLE edgegate.one_time_tokens (
    user_id             uuid NOT NULL REFERENCES edgegate.users (id) ON DELETE CASCADE,
    kind                text NOT NULL CHECK (kind IN ('signup')),
    token_digest        bytea NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    code_digest         bytea NOT NULL,
    browser_digest      bytea CHECK (length(browser_digest) = 32),
    network_digest      bytea CHECK (length(network_digest) = 32),
    contested           boolean NOT NULL DEFAULT false,
    redirect_to         text CHECK (length(redirect_to) <= 2048),
    created_at          timestamptz NOT NULL,
    expires_at          timestamptz NOT NULL,
    consumed_at         timestamptz,
    consumed_by         uuid,
    code_failures       integer NOT NULL DEFAULT 0,
    code_failures_since timestamptz,
    PRIMARY KEY (user_id, kind)
);
COMMENT ON TABLE edgegate.one_time_tokens IS 'The newest mailed link and code of each kind; issuing another replaces the row, which kills the earlier ones.';
COMMENT ON COLUMN edgegate.one_time_tokens.user_id IS 'Whose link it is.';
COMMENT ON COLUMN edgegate.one_time_tokens.kind IS 'What the link does.';
COMMENT ON COLUMN edgegate.one_time_tokens.token_digest IS 'SHA-256 of the 256-bit link token; useless for making a link.';
COMMENT ON COLUMN edgegate.one_time_tokens.code_digest IS 'HMAC of the 6-digit code, kind and address; the key is not in this database.';
COMMENT ON COLUMN edgegate.one_time_tokens.browser_digest IS 'SHA-256 of the cookie of the browser that signed up: opened there, the link signs in without the password.';
COMMENT ON COLUMN edgegate.one_time_tokens.network_digest IS 'HMAC of the network that signed up: like the cookie, it tells a person who signs up twice from a stranger.';
COMMENT ON COLUMN edgegate.one_time_tokens.contested IS 'Somebody else signed up for the address while this link was open, so nobody knows whose the password is: only the page behind the link confirms, since it asks for it.';
COMMENT ON COLUMN edgegate.one_time_tokens.redirect_to IS 'Where to go afterwards; checked against the allow list when it was stored.';
COMMENT ON COLUMN edgegate.one_time_tokens.created_at IS 'When this link was issued.';
COMMENT ON COLUMN edgegate.one_time_tokens.expires_at IS 'From then on link and code are dead.';
COMMENT ON COLUMN edgegate.one_time_tokens.consumed_at IS 'When it was used; a used one stays dead.';
COMMENT ON COLUMN edgegate.one_time_tokens.consumed_by IS 'Id made by the request that used it, so that the same statement sent twice finds its own outcome.';
COMMENT ON COLUMN edgegate.one_time_tokens.code_failures IS 'Wrong codes since code_failures_since; five kill the code. Issuing a new one does not reset it.';
COMMENT ON COLUMN edgegate.one_time_tokens.code_failures_since IS 'First wrong code of the 24 hours that count.';

CREATE TABLE edgegate.audit_events (
    id         uuid PRIMARY KEY,
    user_id    uuid,
    action     text NOT NULL,
    ip         inet,
    user_agent text CHECK (length(user_agent) <= 512),
    created_at timestamptz NOT NULL
);
CREATE INDEX audit_events_user_id ON edgegate.audit_events (user_id, created_at DESC);
CREATE INDEX audit_events_created_at ON edgegate.audit_events (created_at);
COMMENT ON TABLE edgegate.audit_events IS 'What happened to which account, for the owner of the app. No address, token or password.';
COMMENT ON COLUMN edgegate.audit_events.id IS 'Random, made by the Worker so that a statement sent twice records once.';
COMMENT ON COLUMN edgegate.audit_events.user_id IS 'Whose account; without a foreign key, since the record outlives the account.';
COMMENT ON COLUMN edgegate.audit_events.action IS 'What happened, e.g. signed_up, confirmed, signed_in.';
COMMENT ON COLUMN edgegate.audit_events.ip IS 'Address of the caller.';
COMMENT ON COLUMN edgegate.audit_events.user_agent IS 'User-Agent of the caller, cut to 512 characters.';
COMMENT ON COLUMN edgegate.audit_events.created_at IS 'When.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
