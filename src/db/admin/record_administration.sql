-- Records what was done, one event for each action. The first has the id of the request: where it
-- is, everything was done before.
CREATE OR REPLACE FUNCTION edgegate.record_administration(owner uuid, actions text[], caller jsonb, at timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, actor, created_at)
    SELECT
        CASE done.place WHEN 1 THEN (caller ->> 'audit_id')::uuid ELSE gen_random_uuid() END,
        owner,
        done.action,
        (caller ->> 'ip')::inet,
        caller ->> 'user_agent',
        caller ->> 'actor',
        at
    FROM unnest(actions) WITH ORDINALITY AS done (action, place)
    ON CONFLICT (id) DO NOTHING
$$;
