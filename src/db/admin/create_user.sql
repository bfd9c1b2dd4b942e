-- Makes an account. Outcomes: 'created', 'email_exists', 'id_exists' (also of an account that is
-- gone).
CREATE OR REPLACE FUNCTION edgegate.create_user(new_account jsonb, caller jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    owner uuid := (new_account ->> 'id')::uuid;
    outcome text;
    account jsonb;
BEGIN
    IF EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = (caller ->> 'audit_id')::uuid) THEN
        outcome := 'created'; -- sent again
    END IF;
    -- Once more if what stood in the way was deleted a moment later.
    WHILE outcome IS NULL LOOP
        INSERT INTO edgegate.users (
            id,
            email,
            password_hash,
            email_confirmed_at,
            banned_until,
            role,
            app_metadata,
            user_metadata,
            locale,
            created_at,
            updated_at
        )
        VALUES (
            owner,
            new_account ->> 'email',
            new_account ->> 'password_hash',
            CASE WHEN (new_account ->> 'confirmed')::boolean THEN at END,
            (new_account ->> 'banned_until')::timestamptz,
            new_account ->> 'role',
            new_account -> 'app_metadata',
            new_account -> 'user_metadata',
            new_account ->> 'locale',
            at,
            at
        )
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            outcome := 'created';
            PERFORM edgegate.record_administration(owner, ARRAY['created'], caller, at);
        ELSIF EXISTS (SELECT FROM edgegate.users u WHERE u.email_key = lower((new_account ->> 'email') COLLATE "C")) THEN
            outcome := 'email_exists';
        ELSIF EXISTS (SELECT FROM edgegate.users u WHERE u.id = owner)
            OR EXISTS (SELECT FROM edgegate.deleted_users d WHERE d.id = owner)
        THEN
            outcome := 'id_exists';
        END IF;
    END LOOP;
    IF outcome = 'created' THEN
        SELECT to_jsonb(u) - 'password_hash' INTO account FROM edgegate.users u WHERE u.id = owner;
        outcome := CASE WHEN account IS NULL THEN 'id_exists' ELSE outcome END; -- deleted since
    END IF;
    RETURN jsonb_build_object('outcome', outcome, 'account', account);
END
$$;
