-- What signing in answers: the account, the sessions that had to end, and the mails to send.
CREATE OR REPLACE FUNCTION edgegate.opened(owner uuid, drafts jsonb, at timestamptz) RETURNS jsonb
LANGUAGE sql VOLATILE
AS $$
    SELECT jsonb_build_object(
        'account', to_jsonb(u) - 'password_hash',
        'ended', (SELECT coalesce(jsonb_agg(s.id), '[]') FROM edgegate.sessions s WHERE s.user_id = owner AND s.revoked_at = at),
        'mails', edgegate.queued(drafts)
    )
    FROM edgegate.users u
    WHERE u.id = owner
$$;
