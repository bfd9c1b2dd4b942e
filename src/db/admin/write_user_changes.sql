-- Writes the changes that an administrator asks for, all but a new password, to an account whose
-- row the caller has locked.
CREATE OR REPLACE FUNCTION edgegate.write_user_changes(before edgegate.users, changes jsonb, now timestamptz)
RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.users u SET
        email = coalesce(changes ->> 'email', u.email),
        email_confirmed_at = CASE
            WHEN changes ? 'confirmed' THEN coalesce(u.email_confirmed_at, now)
            ELSE u.email_confirmed_at
        END,
        is_anonymous = u.is_anonymous AND NOT changes ? 'email',
        banned_until = CASE
            WHEN changes ? 'banned_until' THEN (changes ->> 'banned_until')::timestamptz
            ELSE u.banned_until
        END,
        role = coalesce(changes ->> 'role', u.role),
        user_metadata = CASE
            WHEN changes ? 'user_metadata' THEN edgegate.merge_metadata(u.user_metadata, changes -> 'user_metadata')
            ELSE u.user_metadata
        END,
        app_metadata = CASE
            WHEN changes ? 'app_metadata' THEN edgegate.merge_metadata(u.app_metadata, changes -> 'app_metadata')
            ELSE u.app_metadata
        END || CASE
            WHEN u.is_anonymous AND changes ? 'email' THEN edgegate.email_app_metadata()
            ELSE '{}'
        END,
        locale = coalesce(changes ->> 'locale', u.locale),
        updated_at = now
    WHERE u.id = before.id
$$;
