-- migrate:up

CREATE TABLE edgegate.audit_events (
    id         uuid PRIMARY KEY,
    user_id    uuid,
    action     text NOT NULL,
    actor      text CHECK (length(actor) <= 100),
    ip         inet,
    user_agent text CHECK (length(user_agent) <= 512),
    created_at timestamptz NOT NULL
);
CREATE INDEX audit_events_user_id ON edgegate.audit_events (user_id, created_at DESC);
CREATE INDEX audit_events_created_at ON edgegate.audit_events (created_at);
COMMENT ON TABLE edgegate.audit_events IS
    'What happened to which account, for the owner of the app. No address, token or password.';
COMMENT ON COLUMN edgegate.audit_events.id IS 'Random, made by the Worker so that a statement sent twice records once.';
COMMENT ON COLUMN edgegate.audit_events.user_id IS
    'Whose account; without a foreign key, since the record outlives the account.';
COMMENT ON COLUMN edgegate.audit_events.action IS 'What happened, e.g. signed_up, confirmed, signed_in.';
COMMENT ON COLUMN edgegate.audit_events.actor IS
    'Which program of the operator''s did it: service_token, or api_key: and its id. Null: the '
    'user, or edgegate itself.';
COMMENT ON COLUMN edgegate.audit_events.ip IS 'Address of the caller.';
COMMENT ON COLUMN edgegate.audit_events.user_agent IS 'User-Agent of the caller, cut to 512 characters.';
COMMENT ON COLUMN edgegate.audit_events.created_at IS 'When.';

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
COMMENT ON TABLE edgegate.api_keys IS
    'Keys with which programs of the operator''s call the admin API. Made and revoked by npm run '
    'admin -- key.';
COMMENT ON COLUMN edgegate.api_keys.id IS 'Names the key in lists and in the audit trail.';
COMMENT ON COLUMN edgegate.api_keys.name IS 'What the operator calls it: whose it is, or what for.';
COMMENT ON COLUMN edgegate.api_keys.key_digest IS 'SHA-256 of the key, which is 256 random bits; useless for calling.';
COMMENT ON COLUMN edgegate.api_keys.scopes IS 'What it may do.';
COMMENT ON COLUMN edgegate.api_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN edgegate.api_keys.expires_at IS 'From then on it is refused. Null: never.';
COMMENT ON COLUMN edgegate.api_keys.last_used_at IS 'Newest call with it, to the minute.';
COMMENT ON COLUMN edgegate.api_keys.revoked_at IS 'When it was revoked; it is refused since.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
