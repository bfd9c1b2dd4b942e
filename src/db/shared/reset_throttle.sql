-- After a success: the account's streaks end, and the network gets back the attempt that was
-- counted for it. Always in the order in which they are counted (network, account from this
-- network, account): no deadlock.
CREATE OR REPLACE FUNCTION edgegate.reset_throttle(network_key bytea, account_here_key bytea, account_key bytea)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.throttles t SET
        count = t.count - 1,
        blocked_until = '-infinity'
    WHERE t.key = network_key AND t.count > 0;
    DELETE FROM edgegate.throttles t WHERE t.key = account_here_key;
    DELETE FROM edgegate.throttles t WHERE t.key = account_key;
    RETURN true;
END
$$;
