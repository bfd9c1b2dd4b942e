-- Until when attempts are refused after a wait of so many seconds began. Not "until now" where
-- there is no wait: the clock of another edge may be a little behind, and a caller who need not
-- wait must not be refused for that.
CREATE OR REPLACE FUNCTION edgegate.blocked_until(now timestamptz, seconds integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE WHEN seconds > 0 THEN now + make_interval(secs => seconds) ELSE '-infinity' END $$;
