-- What stands in the way of changes that a user asks for, see edgegate.update_user; null for
-- nothing. `wait` is how many seconds a mail to the new address has to wait.
CREATE OR REPLACE FUNCTION edgegate.update_obstacle(account edgegate.users, changes jsonb, links jsonb, wait integer)
RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN changes ? 'metadata' AND NOT edgegate.metadata_fits(
            account.user_metadata, changes -> 'metadata', (changes ->> 'metadata_max_bytes')::integer
        ) THEN 'metadata_too_large'
        WHEN changes ? 'new_hash' AND account.email IS NULL AND NOT changes ? 'email' THEN 'no_address'
        WHEN changes ? 'email'
            AND links -> 'email_change_current' ->> 'address_key' IS DISTINCT FROM account.email_key THEN 'stale'
        WHEN wait > 0 THEN 'wait'
    END
$$;
