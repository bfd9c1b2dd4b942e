-- Trigger: counts the passwords of an account. See edgegate.end_sessions_of_older_passwords.
CREATE OR REPLACE FUNCTION edgegate.increment_password_version() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    new.password_version := old.password_version + 1;
    RETURN new;
END
$$;
