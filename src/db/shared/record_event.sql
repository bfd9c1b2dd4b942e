-- Writes an event to the audit trail, once: where there is one with this id it writes nothing and
-- returns false. `audit` says who did it and from where: {"audit_id", "ip", "user_agent", "actor"}.
-- The session of a sign-in has these members too, all but the actor.
CREATE OR REPLACE FUNCTION edgegate.record_event(audit jsonb, user_id uuid, action text, now timestamptz)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    INSERT INTO edgegate.audit_events (id, user_id, action, actor, ip, user_agent, created_at)
    VALUES (
        (audit ->> 'audit_id')::uuid,
        record_event.user_id,
        record_event.action,
        audit ->> 'actor',
        (audit ->> 'ip')::inet,
        audit ->> 'user_agent',
        now
    )
    ON CONFLICT (id) DO NOTHING;
    RETURN FOUND;
END
$$;
