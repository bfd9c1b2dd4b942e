-- migrate:up
CREATE TABLE edgegate.mail_suppressions (email_key text PRIMARY KEY, reason text NOT NULL, detail text, provider text NOT NULL, happened_at timestamptz NOT NULL, created_at timestamptz NOT NULL);
-- migrate:down
