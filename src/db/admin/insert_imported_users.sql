-- Makes the accounts of a batch for which there is room, the first line first where two want the
-- same id or address, and returns their ids. In the order of the addresses, so that batches sent at
-- once wait for each other instead of locking each other out.
CREATE OR REPLACE FUNCTION edgegate.insert_imported_users(batch jsonb, now timestamptz) RETURNS uuid[]
LANGUAGE sql VOLATILE
AS $$
    WITH line AS (
        SELECT
            l.*,
            row_number() OVER (PARTITION BY l.id ORDER BY l.index) AS of_id,
            row_number() OVER (PARTITION BY lower(l.email COLLATE "C") ORDER BY l.index) AS of_email
        FROM jsonb_to_recordset(batch) AS l (
            index integer,
            id uuid,
            email text,
            password_hash text,
            email_confirmed_at timestamptz,
            created_at timestamptz,
            updated_at timestamptz,
            invited_at timestamptz,
            last_sign_in_at timestamptz,
            banned_until timestamptz,
            delete_after timestamptz,
            user_metadata jsonb,
            app_metadata jsonb,
            role text,
            locale text
        )
    ), inserted AS (
        INSERT INTO edgegate.users (
            id, email, password_hash, email_confirmed_at, created_at, updated_at, invited_at, last_sign_in_at,
            banned_until, delete_after, user_metadata, app_metadata, role, locale
        )
        SELECT
            l.id,
            l.email,
            l.password_hash,
            l.email_confirmed_at,
            coalesce(l.created_at, now),
            -- Housekeeping counts from here until it removes an account that nobody confirmed.
            CASE
                WHEN l.email_confirmed_at IS NULL THEN now
                ELSE coalesce(l.updated_at, now)
            END,
            l.invited_at,
            l.last_sign_in_at,
            l.banned_until,
            l.delete_after,
            l.user_metadata,
            l.app_metadata,
            l.role,
            l.locale
        FROM line l
        WHERE l.of_id = 1 AND l.of_email = 1
        ORDER BY lower(l.email COLLATE "C"), l.index
        ON CONFLICT DO NOTHING
        RETURNING id
    )
    SELECT coalesce(array_agg(inserted.id), '{}') FROM inserted
$$;
