-- Takes out of the audit trail of an account where its owner was. What administrators did is told
-- by `actor`.
CREATE OR REPLACE FUNCTION edgegate.redact_client_info(user_id uuid) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.audit_events e SET
        ip = NULL,
        user_agent = NULL
    WHERE e.user_id = redact_client_info.user_id
        AND e.actor IS NULL
        AND (e.ip IS NOT NULL OR e.user_agent IS NOT NULL)
$$;
