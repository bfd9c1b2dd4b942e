-- What asking for a mail does where there is nobody to send one to, or nobody who may have it: what
-- it does otherwise, but for a stand-in, so that the time it takes does not tell. What is recorded
-- says that somebody asks for addresses without an account.
CREATE OR REPLACE FUNCTION edgegate.mail_nobody(link_kind text, mail_kind text, links jsonb, drafts jsonb, caller jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM edgegate.pretend(link_kind, mail_kind, links, drafts, at);
    INSERT INTO edgegate.audit_events (id, action, ip, user_agent, created_at)
    VALUES ((caller ->> 'audit_id')::uuid, 'nobody_mailed', (caller ->> 'ip')::inet, caller ->> 'user_agent', at)
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.queued(drafts);
END
$$;
