-- Makes an account without a password for an address that nobody has confirmed, unless the address
-- has an account.
CREATE OR REPLACE FUNCTION edgegate.insert_unconfirmed_user(new_account jsonb, now timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    INSERT INTO edgegate.users (id, email, app_metadata, user_metadata, locale, created_at, updated_at)
    VALUES (
        (new_account ->> 'id')::uuid,
        new_account ->> 'email',
        new_account -> 'app_metadata',
        new_account -> 'user_metadata',
        new_account ->> 'locale',
        now,
        now
    )
    ON CONFLICT (email_key) DO NOTHING
$$;
