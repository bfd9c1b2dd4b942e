-- Until when attempts are refused after waiting time of so many seconds began at a moment. Not
-- "until now" for none: the clock of another edge may be a little behind, and nobody who need not
-- wait may be refused for that.
CREATE OR REPLACE FUNCTION edgegate.blocked_until(at timestamptz, seconds integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE WHEN seconds > 0 THEN at + make_interval(secs => seconds) ELSE '-infinity' END $$;
