-- Makes the accounts of a batch for which there is room, the first line first where two want the
-- same. A line whose account is there already is left as it is and counted as unchanged, so a batch
-- may be sent again: with its own id it is the same account if the address is the same, without one
-- if the password hash or the time it was made is. In the order of the addresses, so that batches
-- sent at once wait for each other instead of locking each other out.
CREATE OR REPLACE FUNCTION edgegate.import_users(batch jsonb, caller jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    made uuid[];
    answer jsonb;
BEGIN
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
            id, email, password_hash, email_confirmed_at, created_at, updated_at, invited_at, last_sign_in_at, banned_until,
            delete_after, user_metadata, app_metadata, role, locale
        )
        SELECT
            l.id,
            l.email,
            l.password_hash,
            l.email_confirmed_at,
            coalesce(l.created_at, at),
            -- Housekeeping counts from here until it removes an account that nobody confirmed.
            CASE WHEN l.email_confirmed_at IS NULL THEN at ELSE coalesce(l.updated_at, at) END,
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
    SELECT coalesce(array_agg(inserted.id), '{}') INTO made FROM inserted;

    WITH line AS (
        SELECT
            l.*,
            lower(l.email COLLATE "C") AS email_key,
            row_number() OVER (PARTITION BY l.id ORDER BY l.index) AS of_id
        FROM jsonb_to_recordset(batch) AS l (
            index integer,
            id uuid,
            has_own_id boolean,
            email text,
            password_hash text,
            created_at timestamptz
        )
    ), judged AS (
        SELECT
            line.index,
            CASE
                WHEN same.id = ANY (made) AND line.of_id = 1 THEN 'imported'
                WHEN same.id IS NOT NULL THEN 'unchanged'
                WHEN namesake.id IS NULL THEN CASE
                    WHEN line.of_id > 1 OR EXISTS (SELECT FROM edgegate.users u WHERE u.id = line.id) THEN 'id_exists'
                    WHEN EXISTS (SELECT FROM edgegate.deleted_users d WHERE d.id = line.id) THEN 'id_was_deleted'
                    ELSE 'email_exists' -- it was there a moment ago
                END
                WHEN NOT line.has_own_id AND NOT namesake.id = ANY (made)
                    AND (namesake.password_hash = line.password_hash OR namesake.created_at = line.created_at) THEN 'unchanged'
                ELSE 'email_exists'
            END AS outcome
        FROM line
        LEFT JOIN edgegate.users same ON same.id = line.id AND same.email_key = line.email_key
        LEFT JOIN edgegate.users namesake ON namesake.email_key = line.email_key
    )
    SELECT jsonb_build_object(
        'imported', count(*) FILTER (WHERE outcome = 'imported'),
        'unchanged', count(*) FILTER (WHERE outcome = 'unchanged'),
        'refused', coalesce(
            jsonb_agg(jsonb_build_object('index', index, 'obstacle', outcome) ORDER BY index)
                FILTER (WHERE outcome NOT IN ('imported', 'unchanged')),
            '[]'
        )
    )
    INTO answer
    FROM judged;

    IF cardinality(made) > 0 THEN
        INSERT INTO edgegate.audit_events (id, action, ip, user_agent, actor, created_at)
        VALUES (
            (caller ->> 'audit_id')::uuid,
            'users_imported',
            (caller ->> 'ip')::inet,
            caller ->> 'user_agent',
            caller ->> 'actor',
            at
        )
        ON CONFLICT (id) DO NOTHING;
    END IF;
    RETURN answer;
END
$$;
