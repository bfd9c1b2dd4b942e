-- Issues a link that takes a change of address back. There is one for each address to go back to,
-- or whoever moved an account to an address of their own would kill the owner's link by asking for
-- the next change. Of links to one address the newer one kills the older.
CREATE OR REPLACE FUNCTION edgegate.issue_undo_link(
    user_id uuid, links jsonb, restores_email text, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    link jsonb := links -> 'email_change_undo';
BEGIN
    DELETE FROM edgegate.one_time_tokens t
    WHERE t.user_id = issue_undo_link.user_id AND t.kind = 'email_change_undo' AND t.expires_at <= now;
    INSERT INTO edgegate.one_time_tokens AS t (
        user_id, kind, token_digest, code_digest, redirect_to, restores_email, created_at, expires_at
    )
    VALUES (
        issue_undo_link.user_id,
        'email_change_undo',
        decode(link ->> 'token_digest', 'hex'),
        decode(link ->> 'code_digest', 'hex'),
        link ->> 'redirect_to',
        issue_undo_link.restores_email,
        now,
        (link ->> 'expires_at')::timestamptz
    )
    ON CONFLICT (user_id, lower(restores_email COLLATE "C")) WHERE kind = 'email_change_undo' DO UPDATE SET
        token_digest = excluded.token_digest,
        code_digest = excluded.code_digest,
        redirect_to = excluded.redirect_to,
        restores_email = excluded.restores_email,
        created_at = excluded.created_at,
        expires_at = excluded.expires_at,
        consumed_at = NULL,
        consumed_by = NULL,
        outcome = NULL
    -- Sent twice, it changes nothing the second time.
    WHERE t.token_digest <> excluded.token_digest;
END
$$;
