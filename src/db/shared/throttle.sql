-- Counts one attempt BEFORE it is checked, so that parallel guesses cannot outrun the counter.
-- waits[n] is how many seconds must pass after the n-th attempt of a streak (the last one stays in
-- force); a streak is forgotten after forget_after seconds without an attempt. Returns 0 when the
-- attempt was counted and may go on, else the seconds to wait (at least 1; nothing was counted).
CREATE OR REPLACE FUNCTION edgegate.throttle(
    throttle_key bytea, request_id uuid, now timestamptz, waits integer[], forget_after integer
) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    wait numeric;
BEGIN
    INSERT INTO edgegate.throttles AS t (key, count, last_at, blocked_until, last_request)
    VALUES (throttle_key, 1, now, edgegate.blocked_until(now, waits[1]), request_id)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE
            WHEN t.last_request = request_id THEN t.count
            WHEN t.last_at + make_interval(secs => forget_after) <= now THEN 1
            ELSE t.count + 1
        END,
        blocked_until = CASE
            WHEN t.last_request = request_id THEN t.blocked_until
            WHEN t.last_at + make_interval(secs => forget_after) <= now THEN edgegate.blocked_until(now, waits[1])
            ELSE edgegate.blocked_until(now, waits[least(t.count + 1, cardinality(waits))])
        END,
        last_at = greatest(t.last_at, now),
        last_request = request_id
    WHERE t.blocked_until <= now OR t.last_request = request_id;
    IF FOUND THEN
        RETURN 0;
    END IF;
    -- A statement of its own, so that it sees what the row's last writer committed while we waited
    -- for it.
    SELECT ceil(extract(epoch FROM t.blocked_until - now)) INTO wait
    FROM edgegate.throttles t
    WHERE t.key = throttle_key;
    RETURN greatest(1, coalesce(wait, 1));
END
$$;
