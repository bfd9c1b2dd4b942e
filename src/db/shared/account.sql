-- What of an account leaves the users table: the columns named here and no others, so that a new
-- one stays inside until it is added. Null for a row of nulls, which an outer join makes.
CREATE OR REPLACE FUNCTION edgegate.account(user_row edgegate.users) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN user_row.id IS NOT NULL THEN jsonb_build_object(
        'id', user_row.id,
        'email', user_row.email,
        'email_confirmed_at', user_row.email_confirmed_at,
        'is_anonymous', user_row.is_anonymous,
        'role', user_row.role,
        'locale', user_row.locale,
        'user_metadata', user_row.user_metadata,
        'app_metadata', user_row.app_metadata,
        'new_email', user_row.new_email,
        'email_change_current_at', user_row.email_change_current_at,
        'email_change_new_at', user_row.email_change_new_at,
        'confirmation_sent_at', user_row.confirmation_sent_at,
        'recovery_sent_at', user_row.recovery_sent_at,
        'email_change_sent_at', user_row.email_change_sent_at,
        'reauthentication_sent_at', user_row.reauthentication_sent_at,
        'invited_at', user_row.invited_at,
        'last_sign_in_at', user_row.last_sign_in_at,
        'banned_until', user_row.banned_until,
        'created_at', user_row.created_at,
        'updated_at', user_row.updated_at,
        'delete_after', user_row.delete_after,
        'deleted_at', user_row.deleted_at
    ) END
$$;
