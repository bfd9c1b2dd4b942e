-- migrate:up

CREATE TABLE edgegate.attempts (
    key           bytea PRIMARY KEY CHECK (length(key) = 32),
    count         integer NOT NULL,
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    last_request  uuid NOT NULL
);
CREATE INDEX attempts_last_at ON edgegate.attempts (last_at);
COMMENT ON TABLE edgegate.attempts IS 'Counters against guessing and flooding. Rows are per account, address or network, known only by digest.';
COMMENT ON COLUMN edgegate.attempts.key IS 'HMAC of what is counted and for whom; the key is not in this database.';
COMMENT ON COLUMN edgegate.attempts.count IS 'Attempts of the running streak.';
COMMENT ON COLUMN edgegate.attempts.last_at IS 'Newest counted attempt.';
COMMENT ON COLUMN edgegate.attempts.blocked_until IS 'Until then attempts are refused and not counted.';
COMMENT ON COLUMN edgegate.attempts.last_request IS 'Request that was counted last: the same statement sent again counts once, unless another came in between.';

-- Until when attempts are refused after waiting time of so many seconds began at a moment. Not "until now" for none: the
-- clock of another edge may be a little behind, and nobody who need not wait may be refused for that.
CREATE FUNCTION edgegate.blocked_until(at timestamptz, seconds integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE WHEN seconds > 0 THEN at + make_interval(secs => seconds) ELSE '-infinity' END $$;

-- Counts one attempt BEFORE it is checked, so that parallel guesses cannot outrun the counter.
-- waits[n] is how many seconds must pass after the n-th attempt of a streak (the last one stays in force);
-- a streak is forgotten after forget_after seconds without an attempt.
-- Returns 0 when the attempt was counted and may go on, else the seconds to wait (at least 1; nothing was counted).
CREATE FUNCTION edgegate.count_attempt(
    attempt_key bytea, request_id uuid, at timestamptz, waits integer[], forget_after integer
) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    wait numeric;
BEGIN
    INSERT INTO edgegate.attempts AS a (key, count, last_at, blocked_until, last_request)
    VALUES (attempt_key, 1, at, edgegate.blocked_until(at, waits[1]), request_id)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE
            WHEN a.last_request = request_id THEN a.count
            WHEN a.last_at + make_interval(secs => forget_after) <= at THEN 1
            ELSE a.count + 1
        END,
        blocked_until = CASE
            WHEN a.last_request = request_id THEN a.blocked_until
            WHEN a.last_at + make_interval(secs => forget_after) <= at THEN edgegate.blocked_until(at, waits[1])
            ELSE edgegate.blocked_until(at, waits[least(a.count + 1, cardinality(waits))])
        END,
        last_at = greatest(a.last_at, at),
        last_request = request_id
    WHERE a.blocked_until <= at OR a.last_request = request_id;
    IF FOUND THEN
        RETURN 0;
    END IF;
    -- A statement of its own, so that it sees what the row's last writer committed while we waited for it.
    SELECT ceil(extract(epoch FROM a.blocked_until - at)) INTO wait FROM edgegate.attempts a WHERE a.key = attempt_key;
    RETURN greatest(1, coalesce(wait, 1));
END
$$;

-- After a success: the account's streaks end, and the network gets back the attempt that was counted for it.
-- Always in the order in which count_attempt is called (network, account from this network, account): no deadlock.
CREATE FUNCTION edgegate.forgive_attempts(network_key bytea, account_here_key bytea, account_key bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.attempts SET count = count - 1, blocked_until = '-infinity' WHERE key = network_key AND count > 0;
    DELETE FROM edgegate.attempts WHERE key = account_here_key;
    DELETE FROM edgegate.attempts WHERE key = account_key;
    RETURN true;
END
$$;

-- migrate:down
-- Forward only: a mistake is mended by another migration.
