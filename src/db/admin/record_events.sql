-- Writes what was done to the audit trail, one event for each action. The first has the id of the
-- request: where it is, everything was done before.
CREATE OR REPLACE FUNCTION edgegate.record_events(audit jsonb, user_id uuid, actions text[], now timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    event jsonb := audit;
    action text;
BEGIN
    FOREACH action IN ARRAY actions LOOP
        PERFORM edgegate.record_event(event, record_events.user_id, action, now);
        event := audit || jsonb_build_object('audit_id', gen_random_uuid());
    END LOOP;
END
$$;
