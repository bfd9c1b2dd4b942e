-- migrate:up

CREATE TABLE edgegate.attempts (
    key           bytea PRIMARY KEY CHECK (length(key) = 32),
    count         integer NOT NULL,
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    last_request  uuid NOT NULL
);
CREATE INDEX attempts_last_at ON edgegate.attempts (last_at);
COMMENT ON TABLE edgegate.attempts IS
    'Counters against guessing and flooding. Rows are per account, address or network, known only '
    'by digest.';
COMMENT ON COLUMN edgegate.attempts.key IS 'HMAC of what is counted and for whom; the key is not in this database.';
COMMENT ON COLUMN edgegate.attempts.count IS 'Attempts of the running streak.';
COMMENT ON COLUMN edgegate.attempts.last_at IS 'Newest counted attempt.';
COMMENT ON COLUMN edgegate.attempts.blocked_until IS 'Until then attempts are refused and not counted.';
COMMENT ON COLUMN edgegate.attempts.last_request IS
    'Request that was counted last: the same statement sent again counts once, unless another came '
    'in between.';

CREATE TABLE edgegate.budgets (
    key          bytea PRIMARY KEY CHECK (length(key) = 32),
    spent_until  timestamptz NOT NULL,
    last_request uuid NOT NULL
);
CREATE INDEX budgets_spent_until ON edgegate.budgets (spent_until);
COMMENT ON TABLE edgegate.budgets IS
    'What a network, or everybody together, may still cause: so many an hour, refilled evenly '
    '(GCRA).';
COMMENT ON COLUMN edgegate.budgets.key IS 'HMAC of what is counted and for whom; the key is not in this database.';
COMMENT ON COLUMN edgegate.budgets.spent_until IS 'When the budget will be whole again. An hour ahead: all is spent.';
COMMENT ON COLUMN edgegate.budgets.last_request IS
    'Request that was counted last: the same statement sent again counts once.';

-- migrate:down
-- Forward only: a mistake is mended by another migration.
