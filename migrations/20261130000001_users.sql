-- migrate:up

-- Everything edgegate owns lives in one schema, so that it can share a database with the app it
-- serves. Column types are built-in ones only (text + CHECK instead of enums): a type of one's own
-- would cost a hidden prepared statement per query, which a transaction-mode pooler such as
-- Hyperdrive does not allow.
CREATE SCHEMA IF NOT EXISTS edgegate;

-- email_key compares byte by byte: an expression with COLLATE "C" finds an index of that collation
-- alone, and reads the whole table where there is none.
CREATE TABLE edgegate.users (
    id                       uuid PRIMARY KEY,
    email                    text CHECK (length(email) <= 254),
    email_key                text COLLATE "C" GENERATED ALWAYS AS (lower(email COLLATE "C")) STORED UNIQUE,
    email_confirmed_at       timestamptz,
    is_anonymous             boolean NOT NULL DEFAULT false,
    role                     text NOT NULL DEFAULT 'authenticated' CHECK (length(role) BETWEEN 1 AND 63),
    locale                   text NOT NULL CHECK (locale IN ('en', 'ru')),
    user_metadata            jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(user_metadata) = 'object'),
    app_metadata             jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(app_metadata) = 'object'),
    password_hash            text,
    password_version         integer NOT NULL DEFAULT 0,
    new_email                text CHECK (length(new_email) <= 254),
    email_change_current_at  timestamptz,
    email_change_new_at      timestamptz,
    confirmation_sent_at     timestamptz,
    recovery_sent_at         timestamptz,
    email_change_sent_at     timestamptz,
    reauthentication_sent_at timestamptz,
    invited_at               timestamptz,
    last_sign_in_at          timestamptz,
    banned_until             timestamptz CHECK (isfinite(banned_until)),
    created_at               timestamptz NOT NULL,
    updated_at               timestamptz NOT NULL,
    delete_after             timestamptz CHECK (isfinite(delete_after)),
    deleted_at               timestamptz
);
-- What the list of accounts is sorted and searched by.
CREATE INDEX users_created_at ON edgegate.users (created_at DESC, id);
CREATE INDEX users_new_email ON edgegate.users (lower(new_email COLLATE "C")) WHERE new_email IS NOT NULL;
-- What housekeeping looks for.
CREATE INDEX users_unconfirmed ON edgegate.users (created_at) WHERE email_confirmed_at IS NULL;
CREATE INDEX users_anonymous ON edgegate.users (created_at) WHERE is_anonymous;
CREATE INDEX users_delete_after ON edgegate.users (delete_after) WHERE delete_after IS NOT NULL;
COMMENT ON TABLE edgegate.users IS
    'One row per account. Apps may reference it: REFERENCES edgegate.users (id) ON DELETE CASCADE.';
COMMENT ON COLUMN edgegate.users.id IS
    'Random (version 4), made by the Worker so that a statement sent twice inserts once. Never '
    'reused.';
COMMENT ON COLUMN edgegate.users.email IS
    'Where mail goes: local part as typed, domain as lower-case A-labels. Null once an account has '
    'none.';
COMMENT ON COLUMN edgegate.users.email_key IS 'What makes an address unique: the whole address lower-cased in ASCII.';
COMMENT ON COLUMN edgegate.users.email_confirmed_at IS
    'When the owner of the mailbox confirmed it. Null: nobody has signed in yet, and the next '
    'sign-up replaces the password.';
COMMENT ON COLUMN edgegate.users.is_anonymous IS 'Signed in without telling an address, and has none yet.';
COMMENT ON COLUMN edgegate.users.role IS
    'The claim role of its access tokens, for row level security in the app. Never a role that '
    'administers.';
COMMENT ON COLUMN edgegate.users.locale IS 'Language of mails to this user.';
COMMENT ON COLUMN edgegate.users.user_metadata IS
    'Set by the user (sign-up field "data"); copied into every access token. Never trust it for '
    'authorization.';
COMMENT ON COLUMN edgegate.users.app_metadata IS 'Set by the operator only; copied into every access token.';
COMMENT ON COLUMN edgegate.users.password_hash IS
    'PHC string, keyed with a pepper that is not in this database. Null: no password set.';
COMMENT ON COLUMN edgegate.users.password_version IS
    'How often the password was changed or voided. The same password under another hash counts '
    'too; see sign_in_with_password.';
COMMENT ON COLUMN edgegate.users.new_email IS
    'Address the account is to get, once both mailboxes have agreed. Null: no change is under way.';
COMMENT ON COLUMN edgegate.users.email_change_current_at IS
    'When the mailbox of the current address agreed to the change.';
COMMENT ON COLUMN edgegate.users.email_change_new_at IS 'When the mailbox of the new address confirmed it.';
COMMENT ON COLUMN edgegate.users.confirmation_sent_at IS 'When the newest confirmation mail was queued.';
COMMENT ON COLUMN edgegate.users.recovery_sent_at IS
    'When the newest mail that recovers the account or signs in was queued.';
COMMENT ON COLUMN edgegate.users.email_change_sent_at IS 'When the newest mails of the change were queued.';
COMMENT ON COLUMN edgegate.users.reauthentication_sent_at IS
    'When the newest mail with a code for somebody signed in was queued.';
COMMENT ON COLUMN edgegate.users.invited_at IS 'When an operator invited this address.';
COMMENT ON COLUMN edgegate.users.last_sign_in_at IS 'Newest sign-in by any method.';
COMMENT ON COLUMN edgegate.users.banned_until IS
    'Until then nothing signs this account in and no session of it is accepted.';
COMMENT ON COLUMN edgegate.users.created_at IS 'When the account was created.';
COMMENT ON COLUMN edgegate.users.updated_at IS 'When anything in this row last changed.';
COMMENT ON COLUMN edgegate.users.delete_after IS
    'From then on housekeeping deletes the account. Signing in before keeps it. Null: nobody asked '
    'for that.';
COMMENT ON COLUMN edgegate.users.deleted_at IS
    'When an operator deleted the account softly: the row and its id stay, address, password and '
    'metadata are gone.';

CREATE TABLE edgegate.deleted_users (
    id         uuid PRIMARY KEY,
    deleted_at timestamptz NOT NULL
);
COMMENT ON TABLE edgegate.deleted_users IS 'Ids of accounts that are gone. Nothing else is kept of them.';
COMMENT ON COLUMN edgegate.deleted_users.id IS 'Never again the id of an account: apps may still refer to it.';
COMMENT ON COLUMN edgegate.deleted_users.deleted_at IS 'When the account was deleted.';

CREATE TABLE edgegate.devices (
    user_id       uuid NOT NULL REFERENCES edgegate.users (id) ON DELETE CASCADE,
    device        text NOT NULL CHECK (length(device) <= 200),
    first_seen_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, device)
);
COMMENT ON TABLE edgegate.devices IS
    'Kinds of devices that an account was signed in from, so that its owner can be told of a new '
    'one.';
COMMENT ON COLUMN edgegate.devices.user_id IS 'Whose device.';
COMMENT ON COLUMN edgegate.devices.device IS
    'Browser and system in words, e.g. Firefox on Linux: without versions, which change every '
    'month.';
COMMENT ON COLUMN edgegate.devices.first_seen_at IS 'First sign-in from it.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
