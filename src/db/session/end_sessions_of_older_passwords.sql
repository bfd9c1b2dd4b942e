-- Trigger: ends the sessions that were opened under an older password, however the password was
-- changed, also by a statement typed by hand. Passwords are counted, and a session carries the
-- count of its day. It runs when the transaction that changed a password commits, since one
-- statement may set a password and open a session, or keep the one that asked for the change.
CREATE OR REPLACE FUNCTION edgegate.end_sessions_of_older_passwords() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- The count of now, not that of the change: there may have been another since.
    UPDATE edgegate.sessions s SET revoked_at = now()
    FROM edgegate.users u
    WHERE u.id = new.id AND s.user_id = u.id AND s.revoked_at IS NULL AND s.password_version <> u.password_version;
    RETURN NULL;
END
$$;
