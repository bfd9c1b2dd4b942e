-- Whether a link that recovers or signs in is open that another network asked for, of an account
-- that nobody confirmed.
CREATE OR REPLACE FUNCTION edgegate.has_link_from_other_network(
    user_id uuid, network_digest bytea, now timestamptz
) RETURNS boolean
LANGUAGE sql VOLATILE
AS $$
    SELECT EXISTS (
        SELECT
        FROM edgegate.one_time_tokens t
        JOIN edgegate.users u ON u.id = t.user_id
        WHERE t.user_id = has_link_from_other_network.user_id
            AND u.email_confirmed_at IS NULL
            AND t.kind IN ('magiclink', 'recovery')
            AND t.consumed_at IS NULL
            AND t.expires_at > now
            AND t.network_digest IS DISTINCT FROM has_link_from_other_network.network_digest
    )
$$;
