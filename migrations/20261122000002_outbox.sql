-- migrate:up

CREATE TABLE edgegate.outbox (
    id              uuid PRIMARY KEY,
    user_id         uuid REFERENCES edgegate.users (id) ON DELETE CASCADE,
    kind            text NOT NULL,
    locale          text NOT NULL CHECK (locale IN ('en', 'ru')),
    recipient       text NOT NULL,
    sealed          bytea,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    last_error      text CHECK (length(last_error) <= 500),
    sent_at         timestamptz,
    failed_at       timestamptz
);
CREATE INDEX outbox_due ON edgegate.outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX outbox_finished ON edgegate.outbox (created_at) WHERE next_attempt_at IS NULL;
CREATE INDEX outbox_user_id ON edgegate.outbox (user_id);
COMMENT ON TABLE edgegate.outbox IS 'Mail to send. A row is inserted by the statement that changes the account: both exist or neither.';
COMMENT ON COLUMN edgegate.outbox.id IS 'Random, made by the Worker; also the idempotency key at the mail provider.';
COMMENT ON COLUMN edgegate.outbox.user_id IS 'Whose mail it is; it goes with the account.';
COMMENT ON COLUMN edgegate.outbox.kind IS 'Which message, e.g. confirm_signup.';
COMMENT ON COLUMN edgegate.outbox.locale IS 'Language it is written in.';
COMMENT ON COLUMN edgegate.outbox.recipient IS 'The stored address of the account.';
COMMENT ON COLUMN edgegate.outbox.sealed IS 'The message as data, encrypted (XChaCha20-Poly1305, key derived from AUTH_SECRET); wiped once sent or given up.';
COMMENT ON COLUMN edgegate.outbox.created_at IS 'When it was queued.';
COMMENT ON COLUMN edgegate.outbox.expires_at IS 'When its link dies: it is not sent after that.';
COMMENT ON COLUMN edgegate.outbox.attempts IS 'How often sending was begun.';
COMMENT ON COLUMN edgegate.outbox.next_attempt_at IS 'When it is due. Taking a row to send moves this into the future, which is the lease. Null: done, one way or the other.';
COMMENT ON COLUMN edgegate.outbox.last_error IS 'Why the newest attempt failed, as the provider names it; never its text, which may quote the address.';
COMMENT ON COLUMN edgegate.outbox.sent_at IS 'When the provider accepted it.';
COMMENT ON COLUMN edgegate.outbox.failed_at IS 'When it was given up.';

-- For GET /health/ready: the Cron Trigger raises the number each minute, and the check reads it twice, once by a statement
-- that Hyperdrive may cache.
CREATE TABLE edgegate.cache_probe (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    value bigint NOT NULL
);
INSERT INTO edgegate.cache_probe (value) VALUES (0);
COMMENT ON TABLE edgegate.cache_probe IS 'Lets the readiness check notice a Hyperdrive configuration with query caching left on.';
COMMENT ON COLUMN edgegate.cache_probe.one IS 'Keeps it at one row.';
COMMENT ON COLUMN edgegate.cache_probe.value IS 'Raised each minute; a read that finds another number than a fresh one was answered from a cache.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
