-- migrate:up

CREATE TABLE edgegate.outbox (
    id              uuid PRIMARY KEY,
    user_id         uuid REFERENCES edgegate.users (id) ON DELETE CASCADE,
    kind            text NOT NULL,
    locale          text NOT NULL CHECK (locale IN ('en', 'ru')),
    recipient       text NOT NULL,
    sealed          bytea,
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    last_error      text CHECK (length(last_error) <= 500),
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    sent_at         timestamptz,
    failed_at       timestamptz
);
CREATE INDEX outbox_user_id ON edgegate.outbox (user_id);
CREATE INDEX outbox_due ON edgegate.outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
-- What housekeeping looks for: what is done, and the text of mails that were given up.
CREATE INDEX outbox_finished ON edgegate.outbox (created_at) WHERE next_attempt_at IS NULL;
CREATE INDEX outbox_dead_letters ON edgegate.outbox (expires_at) WHERE failed_at IS NOT NULL AND sealed IS NOT NULL;
COMMENT ON TABLE edgegate.outbox IS
    'Mail to send. A row is inserted by the statement that changes the account: both exist or '
    'neither.';
COMMENT ON COLUMN edgegate.outbox.id IS 'Random, made by the Worker; also the idempotency key at the mail provider.';
COMMENT ON COLUMN edgegate.outbox.user_id IS 'Whose mail it is; it goes with the account.';
COMMENT ON COLUMN edgegate.outbox.kind IS 'Which message, e.g. confirm_signup.';
COMMENT ON COLUMN edgegate.outbox.locale IS 'Language it is written in.';
COMMENT ON COLUMN edgegate.outbox.recipient IS 'The stored address of the account.';
COMMENT ON COLUMN edgegate.outbox.sealed IS
    'The message as data, encrypted (XChaCha20-Poly1305, key derived from AUTH_SECRET). Wiped once '
    'sent; of a mail that was given up, once its link has died, since until then it can be queued '
    'again.';
COMMENT ON COLUMN edgegate.outbox.attempts IS 'How often sending was begun.';
COMMENT ON COLUMN edgegate.outbox.next_attempt_at IS
    'When it is due. Taking a row to send moves this into the future, which is the lease. Null: '
    'done, one way or the other.';
COMMENT ON COLUMN edgegate.outbox.last_error IS
    'Why the newest attempt failed, as the provider names it; never its text, which may quote the '
    'address.';
COMMENT ON COLUMN edgegate.outbox.created_at IS 'When it was queued.';
COMMENT ON COLUMN edgegate.outbox.expires_at IS
    'When its link dies, or it is of no use any more: it is not sent after that.';
COMMENT ON COLUMN edgegate.outbox.sent_at IS 'When the provider accepted it.';
COMMENT ON COLUMN edgegate.outbox.failed_at IS 'When it was given up. Queued again, it is null again.';

-- The mail provider reports an address, and an operator takes a row away when the mailbox is well
-- again; nothing else does. Keyed by address and not by account: the next account with the address
-- would be no better off.
CREATE TABLE edgegate.mail_suppressions (
    email_key   text COLLATE "C" PRIMARY KEY CHECK (length(email_key) <= 254),
    reason      text NOT NULL CHECK (reason IN ('bounced', 'complained', 'refused')),
    detail      text CHECK (length(detail) <= 200),
    provider    text NOT NULL,
    happened_at timestamptz NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX mail_suppressions_created_at ON edgegate.mail_suppressions (created_at);
COMMENT ON TABLE edgegate.mail_suppressions IS 'Addresses that are not mailed again, and why.';
COMMENT ON COLUMN edgegate.mail_suppressions.email_key IS 'The address, lower-cased in ASCII, as in users.email_key.';
COMMENT ON COLUMN edgegate.mail_suppressions.reason IS
    'bounced: a mail came back for good. complained: a mail was called spam. refused: the provider '
    'no longer mails the address.';
COMMENT ON COLUMN edgegate.mail_suppressions.detail IS
    'What the provider calls the cause, such as Permanent/General. Never an address or a mail '
    'server''s own words.';
COMMENT ON COLUMN edgegate.mail_suppressions.provider IS 'Who reported it: resend, postmark or sendgrid.';
COMMENT ON COLUMN edgegate.mail_suppressions.happened_at IS 'When it happened, as the provider says.';
COMMENT ON COLUMN edgegate.mail_suppressions.created_at IS 'When this was recorded.';

CREATE TABLE edgegate.mail_pause (
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    paused_until timestamptz NOT NULL
);
INSERT INTO edgegate.mail_pause (paused_until) VALUES ('-infinity');
COMMENT ON TABLE edgegate.mail_pause IS
    'Until when the mail provider wants to be left alone (Retry-After). It counts for all mail, '
    'and for all Workers.';
COMMENT ON COLUMN edgegate.mail_pause.one IS 'Keeps it at one row.';
COMMENT ON COLUMN edgegate.mail_pause.paused_until IS 'No attempt begins before. In the past: there is no pause.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
