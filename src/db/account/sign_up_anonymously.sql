-- Makes an account without an address and signs in to it, unless the network has had too many.
CREATE OR REPLACE FUNCTION edgegate.sign_up_anonymously(
    new_account jsonb, network_key bytea, per_hour integer, new_session jsonb, now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account_id uuid := new_account ->> 'id';
    wait integer := edgegate.consume_rate_limit(network_key, (new_session ->> 'id')::uuid, now, per_hour);
BEGIN
    IF wait > 0 THEN
        RETURN jsonb_build_object('wait', wait);
    END IF;
    INSERT INTO edgegate.users (id, is_anonymous, app_metadata, user_metadata, locale, created_at, updated_at)
    VALUES (
        account_id,
        true,
        new_account -> 'app_metadata',
        new_account -> 'user_metadata',
        new_account ->> 'locale',
        now,
        now
    )
    ON CONFLICT (id) DO NOTHING;
    PERFORM edgegate.record_event(new_session, account_id, 'signed_up_anonymously', now);
    PERFORM edgegate.sign_in(account_id, new_session, '{}', now);
    RETURN edgegate.sign_in_result(account_id, '{}', now) || '{"wait": 0}';
END
$$;
