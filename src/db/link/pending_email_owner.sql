-- Of the accounts that want to change to this address, the one that asked last: else one guess of a
-- code would be tried on the codes of all. Null for none.
CREATE OR REPLACE FUNCTION edgegate.pending_email_owner(address_key text, now timestamptz) RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
    SELECT t.user_id
    FROM edgegate.users u
    JOIN edgegate.one_time_tokens t ON t.user_id = u.id AND t.kind = 'email_change_new'
    WHERE lower(u.new_email COLLATE "C") = address_key AND t.consumed_at IS NULL AND t.expires_at > now
    ORDER BY t.created_at DESC, t.user_id
    LIMIT 1
$$;
