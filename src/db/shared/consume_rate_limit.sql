-- Takes one from a limit of `per_hour` (0: none). Returns 0, or the seconds to wait where the limit
-- is reached.
CREATE OR REPLACE FUNCTION edgegate.consume_rate_limit(
    limit_key bytea, request_id uuid, now timestamptz, per_hour integer
) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    one interval;
    wait numeric;
BEGIN
    IF per_hour = 0 THEN
        RETURN 0;
    END IF;
    one := make_interval(secs => 3600.0 / per_hour);
    INSERT INTO edgegate.rate_limits AS r (key, full_at, last_request)
    VALUES (limit_key, now + one, request_id)
    ON CONFLICT (key) DO UPDATE SET
        full_at = CASE WHEN r.last_request = request_id THEN r.full_at ELSE greatest(r.full_at, now) + one END,
        last_request = request_id
    -- A millisecond for what rounding adds up to, or the last one of a full limit would be refused.
    WHERE r.last_request = request_id OR r.full_at + one <= now + interval '1 hour' + interval '1 millisecond';
    IF FOUND THEN
        RETURN 0;
    END IF;
    SELECT ceil(extract(epoch FROM r.full_at + one - now - interval '1 hour')) INTO wait
    FROM edgegate.rate_limits r
    WHERE r.key = limit_key;
    RETURN greatest(1, coalesce(wait, 1));
END
$$;
