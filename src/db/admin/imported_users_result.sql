-- What became of each line of a batch, after edgegate.insert_imported_users has `made` these
-- accounts. A line whose account was there already is left as it is and counted as unchanged: with
-- its own id it is the same account if the address is the same, without one if the password hash or
-- the time it was made is.
CREATE OR REPLACE FUNCTION edgegate.imported_users_result(batch jsonb, made uuid[]) RETURNS jsonb
LANGUAGE sql VOLATILE
AS $$
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
                WHEN NOT line.has_own_id
                    AND NOT namesake.id = ANY (made)
                    AND (namesake.password_hash = line.password_hash OR namesake.created_at = line.created_at)
                    THEN 'unchanged'
                ELSE 'email_exists'
            END AS outcome
        FROM line
        LEFT JOIN edgegate.users same ON same.id = line.id AND same.email_key = line.email_key
        LEFT JOIN edgegate.users namesake ON namesake.email_key = line.email_key
    )
    SELECT jsonb_build_object(
        'imported', count(*) FILTER (WHERE judged.outcome = 'imported'),
        'unchanged', count(*) FILTER (WHERE judged.outcome = 'unchanged'),
        'refused', coalesce(
            jsonb_agg(jsonb_build_object('index', judged.index, 'obstacle', judged.outcome) ORDER BY judged.index)
                FILTER (WHERE judged.outcome NOT IN ('imported', 'unchanged')),
            '[]'
        )
    )
    FROM judged
$$;
