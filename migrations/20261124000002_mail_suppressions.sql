-- migrate:up

-- Addresses that are not mailed again: mail to them came back for good, or was called spam. The mail provider reports it, and
-- an operator takes a row away when the mailbox is well again; nothing else does. Keyed by address and not by account: the
-- next account with the address would be no better off.
CREATE TABLE edgegate.mail_suppressions (
    email_key   text PRIMARY KEY CHECK (length(email_key) <= 254),
    reason      text NOT NULL CHECK (reason IN ('bounced', 'complained', 'refused')),
    detail      text CHECK (length(detail) <= 200),
    provider    text NOT NULL,
    happened_at timestamptz NOT NULL,
    created_at  timestamptz NOT NULL
);
CREATE INDEX mail_suppressions_created_at ON edgegate.mail_suppressions (created_at);
COMMENT ON TABLE edgegate.mail_suppressions IS 'Addresses that are not mailed again, and why.';
COMMENT ON COLUMN edgegate.mail_suppressions.email_key IS 'The address, lower-cased in ASCII, as in users.email_key.';
COMMENT ON COLUMN edgegate.mail_suppressions.reason IS 'bounced: a mail came back for good. complained: a mail was called spam. refused: the provider no longer mails the address.';
COMMENT ON COLUMN edgegate.mail_suppressions.detail IS 'What the provider calls the cause, such as Permanent/General. Never an address or a mail server''s own words.';
COMMENT ON COLUMN edgegate.mail_suppressions.provider IS 'Who reported it: resend, postmark or sendgrid.';
COMMENT ON COLUMN edgegate.mail_suppressions.happened_at IS 'When it happened, as the provider says.';
COMMENT ON COLUMN edgegate.mail_suppressions.created_at IS 'When this was recorded.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
