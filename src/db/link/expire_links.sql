-- Ends the open links and codes of these kinds of an account, and what links were traded for. Null
-- for all kinds but the link that takes a change of address back, which ends only where it is
-- named: it is for the owner, against whoever made the change.
CREATE OR REPLACE FUNCTION edgegate.expire_links(user_id uuid, kinds text[], now timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.one_time_tokens t SET
        expires_at = least(t.expires_at, now),
        auth_code_expires_at = least(t.auth_code_expires_at, now)
    WHERE t.user_id = expire_links.user_id
        AND CASE WHEN kinds IS NULL THEN t.kind <> 'email_change_undo' ELSE t.kind = ANY (kinds) END
        AND t.consumed_at IS NULL
$$;
