-- Makes an account without an address and signs in to it, unless the network has had too many.
CREATE OR REPLACE FUNCTION edgegate.sign_up_anonymously(
    new_account jsonb, network_key bytea, per_hour integer, opening jsonb, at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    owner uuid := (new_account ->> 'id')::uuid;
    wait integer := edgegate.spend(network_key, (opening ->> 'id')::uuid, at, per_hour);
BEGIN
    IF wait > 0 THEN
        RETURN jsonb_build_object('wait', wait);
    END IF;
    INSERT INTO edgegate.users (id, is_anonymous, app_metadata, user_metadata, locale, created_at, updated_at)
    VALUES (owner, true, new_account -> 'app_metadata', new_account -> 'user_metadata', new_account ->> 'locale', at, at)
    ON CONFLICT (id) DO NOTHING;
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    VALUES (
        (opening ->> 'audit_id')::uuid,
        owner,
        'signed_up_anonymously',
        (opening ->> 'ip')::inet,
        opening ->> 'user_agent',
        at
    )
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.sign_in(owner, opening, '{}', at);
    RETURN edgegate.opened(owner, '{}', at) || '{"wait": 0}';
END
$$;
