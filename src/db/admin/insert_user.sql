-- Makes an account with all that an administrator may give it. Returns false, and makes none, where
-- its address or id is taken.
CREATE OR REPLACE FUNCTION edgegate.insert_user(new_account jsonb, now timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
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
        (new_account ->> 'id')::uuid,
        new_account ->> 'email',
        new_account ->> 'password_hash',
        CASE WHEN (new_account ->> 'confirmed')::boolean THEN now END,
        (new_account ->> 'banned_until')::timestamptz,
        new_account ->> 'role',
        new_account -> 'app_metadata',
        new_account -> 'user_metadata',
        new_account ->> 'locale',
        now,
        now
    )
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;
