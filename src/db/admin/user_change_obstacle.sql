-- What stands in the way of changes that an administrator asks for, see
-- edgegate.update_user_by_administrator; null for nothing.
CREATE OR REPLACE FUNCTION edgegate.user_change_obstacle(before edgegate.users, changes jsonb) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT CASE
        WHEN (changes ? 'new_hash' OR changes ? 'confirmed' AND before.email_confirmed_at IS NULL)
            AND before.email IS NULL
            AND NOT changes ? 'email' THEN 'no_address'
        WHEN changes ? 'user_metadata' AND NOT edgegate.metadata_fits(
            before.user_metadata, changes -> 'user_metadata', (changes ->> 'metadata_max_bytes')::integer
        ) THEN 'metadata_too_large'
        WHEN changes ? 'app_metadata' AND NOT edgegate.metadata_fits(
            before.app_metadata, changes -> 'app_metadata', (changes ->> 'metadata_max_bytes')::integer
        ) THEN 'metadata_too_large'
    END
$$;
