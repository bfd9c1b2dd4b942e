-- Trigger: keeps the id of an account that is deleted, so that it is never used again, and takes
-- out of its audit trail where its owner was. What an administrator did to the account keeps saying
-- from where: it says nothing about its owner. A trigger, so that no way of deleting an account can
-- forget it.
CREATE OR REPLACE FUNCTION edgegate.tombstone_user() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO edgegate.deleted_users (id, deleted_at) VALUES (old.id, now()) ON CONFLICT DO NOTHING;
    PERFORM edgegate.redact_client_info(old.id);
    RETURN NULL;
END
$$;
