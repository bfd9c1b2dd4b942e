-- Counts one attempt BEFORE it is checked, so that parallel guesses cannot outrun the counter.
-- waits[n] is how many seconds must pass after the n-th attempt of a streak (the last one stays in
-- force); a streak is forgotten after forget_after seconds without an attempt. Returns 0 when the
-- attempt was counted and may go on, else the seconds to wait (at least 1; nothing was counted).
CREATE OR REPLACE FUNCTION edgegate.count_attempt(
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
    -- A statement of its own, so that it sees what the row's last writer committed while we waited
    -- for it.
    SELECT ceil(extract(epoch FROM a.blocked_until - at)) INTO wait FROM edgegate.attempts a WHERE a.key = attempt_key;
    RETURN greatest(1, coalesce(wait, 1));
END
$$;
