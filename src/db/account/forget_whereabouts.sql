-- Takes out of the audit trail of an account where its owner was. The records of operators are told
-- by `actor`; the three actions are those that only operators did before there was that column.
CREATE OR REPLACE FUNCTION edgegate.forget_whereabouts(owner uuid) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.audit_events e SET ip = NULL, user_agent = NULL
    WHERE e.user_id = owner
        AND e.actor IS NULL
        AND e.action NOT IN ('banned', 'unbanned', 'deleted')
        AND (e.ip IS NOT NULL OR e.user_agent IS NOT NULL)
$$;
