-- migrate:up

CREATE TABLE edgegate.one_time_tokens (
    token_digest         bytea PRIMARY KEY CHECK (length(token_digest) = 32),
    user_id              uuid NOT NULL REFERENCES edgegate.users (id) ON DELETE CASCADE,
    kind                 text NOT NULL CHECK (kind IN (
        'signup',
        'magiclink',
        'recovery',
        'email_change_current',
        'email_change_new',
        'email_change_undo',
        'reauthentication'
    )),
    code_digest          bytea NOT NULL,
    code_failures        integer NOT NULL DEFAULT 0,
    code_failures_since  timestamptz,
    browser_digest       bytea CHECK (length(browser_digest) = 32),
    network_digest       bytea CHECK (length(network_digest) = 32),
    disputed             boolean NOT NULL DEFAULT false,
    code_challenge       bytea CHECK (length(code_challenge) = 32),
    auth_code_digest     bytea UNIQUE CHECK (length(auth_code_digest) = 32),
    auth_code_expires_at timestamptz,
    redirect_to          text CHECK (length(redirect_to) <= 2048),
    restores_email       text CHECK (length(restores_email) <= 254),
    user_metadata        jsonb CHECK (jsonb_typeof(user_metadata) = 'object'),
    created_at           timestamptz NOT NULL,
    expires_at           timestamptz NOT NULL,
    consumed_at          timestamptz,
    consumed_by          uuid,
    outcome              text
);
-- For the links of an account that goes.
CREATE INDEX one_time_tokens_user_id ON edgegate.one_time_tokens (user_id);
CREATE UNIQUE INDEX one_time_tokens_newest ON edgegate.one_time_tokens (user_id, kind)
WHERE kind <> 'email_change_undo';
CREATE UNIQUE INDEX one_time_tokens_undo ON edgegate.one_time_tokens (user_id, lower(restores_email COLLATE "C"))
WHERE kind = 'email_change_undo';
CREATE INDEX one_time_tokens_consumed_by ON edgegate.one_time_tokens (consumed_by) WHERE consumed_by IS NOT NULL;
COMMENT ON TABLE edgegate.one_time_tokens IS
    'The newest mailed link and code of each kind; issuing another replaces the row, which kills '
    'the earlier ones. Of links that take a change of address back, one for each address to go '
    'back to.';
COMMENT ON COLUMN edgegate.one_time_tokens.token_digest IS
    'SHA-256 of the 256-bit link token; useless for making a link.';
COMMENT ON COLUMN edgegate.one_time_tokens.user_id IS 'Whose link it is.';
COMMENT ON COLUMN edgegate.one_time_tokens.kind IS 'What the link does.';
COMMENT ON COLUMN edgegate.one_time_tokens.code_digest IS
    'HMAC of the 6-digit code, kind and address; the key is not in this database.';
COMMENT ON COLUMN edgegate.one_time_tokens.code_failures IS
    'Wrong codes since code_failures_since; five kill the code. Issuing a new one does not reset '
    'it.';
COMMENT ON COLUMN edgegate.one_time_tokens.code_failures_since IS 'First wrong code of the 24 hours that count.';
COMMENT ON COLUMN edgegate.one_time_tokens.browser_digest IS
    'SHA-256 of the cookie of the browser that signed up: opened there, the link signs in without '
    'the password.';
COMMENT ON COLUMN edgegate.one_time_tokens.network_digest IS
    'HMAC of the network that signed up: like the cookie, it tells a person who signs up twice '
    'from a stranger.';
COMMENT ON COLUMN edgegate.one_time_tokens.disputed IS
    'Somebody else signed up for the address while this link was open, so nobody knows whose the '
    'password is: only the page behind the link confirms, since it asks for it.';
COMMENT ON COLUMN edgegate.one_time_tokens.code_challenge IS
    'SHA-256 of the PKCE code verifier, whichever method the app used. Null: the app did not ask '
    'for PKCE.';
COMMENT ON COLUMN edgegate.one_time_tokens.auth_code_digest IS
    'SHA-256 of the code that the link was traded for, for the app that holds the verifier.';
COMMENT ON COLUMN edgegate.one_time_tokens.auth_code_expires_at IS
    'Until when that code can be exchanged; counts from the click.';
COMMENT ON COLUMN edgegate.one_time_tokens.redirect_to IS
    'Where to go afterwards; checked against the allow list when it was stored.';
COMMENT ON COLUMN edgegate.one_time_tokens.restores_email IS
    'Of a link that takes a change of address back: the address to go back to.';
COMMENT ON COLUMN edgegate.one_time_tokens.user_metadata IS
    'What came with the request for a link that signs in: becomes the metadata of an account that '
    'nobody has confirmed before.';
COMMENT ON COLUMN edgegate.one_time_tokens.created_at IS 'When this link was issued.';
COMMENT ON COLUMN edgegate.one_time_tokens.expires_at IS 'From then on link and code are dead.';
COMMENT ON COLUMN edgegate.one_time_tokens.consumed_at IS 'When it was used; a used one stays dead.';
COMMENT ON COLUMN edgegate.one_time_tokens.consumed_by IS
    'Id made by the request that used it, so that the same statement sent twice finds its own '
    'outcome.';
COMMENT ON COLUMN edgegate.one_time_tokens.outcome IS
    'What using it came to, so that the same statement sent twice says the same.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
