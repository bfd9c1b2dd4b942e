-- After a success: the account's streaks end, and the network gets back the attempt that was
-- counted for it. Always in the order in which count_attempt is called (network, account from this
-- network, account): no deadlock.
CREATE OR REPLACE FUNCTION edgegate.forgive_attempts(network_key bytea, account_here_key bytea, account_key bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.attempts SET count = count - 1, blocked_until = '-infinity' WHERE key = network_key AND count > 0;
    DELETE FROM edgegate.attempts WHERE key = account_here_key;
    DELETE FROM edgegate.attempts WHERE key = account_key;
    RETURN true;
END
$$;
