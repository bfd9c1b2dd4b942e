-- Trigger: leaves out a new row with the id of a deleted account instead of failing. A statement
-- that was sent twice, with a deletion in between, must not bring the account back.
CREATE OR REPLACE FUNCTION edgegate.reject_tombstoned_id() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (SELECT FROM edgegate.deleted_users d WHERE d.id = new.id) THEN
        RETURN NULL;
    END IF;
    RETURN new;
END
$$;
