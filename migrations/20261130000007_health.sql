-- migrate:up

-- For GET /health/ready: the Cron Trigger raises the number each minute, and the check reads it
-- twice, once by a statement that Hyperdrive may cache.
CREATE TABLE edgegate.cache_probe (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    value bigint NOT NULL
);
INSERT INTO edgegate.cache_probe (value) VALUES (0);
COMMENT ON TABLE edgegate.cache_probe IS
    'Lets the readiness check notice a Hyperdrive configuration with query caching left on.';
COMMENT ON COLUMN edgegate.cache_probe.one IS 'Keeps it at one row.';
COMMENT ON COLUMN edgegate.cache_probe.value IS
    'Raised each minute; a read that finds another number than a fresh one was answered from a '
    'cache.';

-- Which functions (src/db/**/*.sql) this database has had, written by `npm run migrate`. A history
-- and not one row: after "migrate first, deploy second" the Worker of before finds its own.
CREATE TABLE edgegate.function_installs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest       text NOT NULL CHECK (length(digest) = 64),
    installed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE edgegate.function_installs IS
    'When the functions of this schema were installed or replaced, and which ones.';
COMMENT ON COLUMN edgegate.function_installs.id IS 'The greatest is what the database has now.';
COMMENT ON COLUMN edgegate.function_installs.digest IS
    'SHA-256 of all function files of a build, in hex; a Worker carries that of its own.';
COMMENT ON COLUMN edgegate.function_installs.installed_at IS 'When, by the clock of the database.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
