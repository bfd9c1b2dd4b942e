-- Trigger: a new session carries the count of its account's passwords. See
-- edgegate.end_sessions_of_older_passwords.
CREATE OR REPLACE FUNCTION edgegate.copy_password_version() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    new.password_version := coalesce((SELECT u.password_version FROM edgegate.users u WHERE u.id = new.user_id), 0);
    RETURN new;
END
$$;
