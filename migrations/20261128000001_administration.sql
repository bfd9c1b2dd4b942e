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

-- migrate:down
-- Forward only: a mistake is mended by another migration.
