-- Trigger: erases the address of a mail that belongs to no account once it is sent or given up. The
-- mail that says that an account is gone is such a one.
CREATE OR REPLACE FUNCTION edgegate.erase_recipient() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    new.recipient := '';
    RETURN new;
END
$$;
