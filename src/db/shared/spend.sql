-- Takes one from a budget of `per_hour` (0: without limit). Returns 0, or the seconds to wait when
-- all is spent.
CREATE OR REPLACE FUNCTION edgegate.spend(budget_key bytea, request_id uuid, at timestamptz, per_hour integer) RETURNS integer
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
    INSERT INTO edgegate.budgets AS b (key, spent_until, last_request)
    VALUES (budget_key, at + one, request_id)
    ON CONFLICT (key) DO UPDATE SET
        spent_until = CASE WHEN b.last_request = request_id THEN b.spent_until ELSE greatest(b.spent_until, at) + one END,
        last_request = request_id
    -- A microsecond for what rounding adds up to, or the last one of a full budget would be
    -- refused.
    WHERE b.last_request = request_id OR b.spent_until + one <= at + interval '1 hour' + interval '1 millisecond';
    IF FOUND THEN
        RETURN 0;
    END IF;
    SELECT ceil(extract(epoch FROM b.spent_until + one - at - interval '1 hour')) INTO wait
    FROM edgegate.budgets b WHERE b.key = budget_key;
    RETURN greatest(1, coalesce(wait, 1));
END
$$;
