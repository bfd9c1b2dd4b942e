-- migrate:up

CREATE TABLE edgegate.throttles (
    key           bytea PRIMARY KEY CHECK (length(key) = 32),
    count         integer NOT NULL,
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    last_request  uuid NOT NULL
);
CREATE INDEX throttles_last_at ON edgegate.throttles (last_at);
COMMENT ON TABLE edgegate.throttles IS
    'Counters against guessing and flooding. Rows are per account, address or network, known only '
    'by digest.';
COMMENT ON COLUMN edgegate.throttles.key IS 'HMAC of what is counted and for whom; the key is not in this database.';
COMMENT ON COLUMN edgegate.throttles.count IS 'Attempts of the running streak.';
COMMENT ON COLUMN edgegate.throttles.last_at IS 'Newest counted attempt.';
COMMENT ON COLUMN edgegate.throttles.blocked_until IS 'Until then attempts are refused and not counted.';
COMMENT ON COLUMN edgegate.throttles.last_request IS
    'Request that was counted last: the same statement sent again counts once, unless another came '
    'in between.';

CREATE TABLE edgegate.rate_limits (
    key          bytea PRIMARY KEY CHECK (length(key) = 32),
    full_at      timestamptz NOT NULL,
    last_request uuid NOT NULL
);
CREATE INDEX rate_limits_full_at ON edgegate.rate_limits (full_at);
COMMENT ON TABLE edgegate.rate_limits IS
    'What a network, or everybody together, may still cause: so many an hour, refilled evenly '
    '(GCRA).';
COMMENT ON COLUMN edgegate.rate_limits.key IS 'HMAC of what is counted and for whom; the key is not in this database.';
COMMENT ON COLUMN edgegate.rate_limits.full_at IS
    'When the whole hour''s worth can be had again. An hour ahead: the limit is reached.';
COMMENT ON COLUMN edgegate.rate_limits.last_request IS
    'Request that was counted last: the same statement sent again counts once.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
