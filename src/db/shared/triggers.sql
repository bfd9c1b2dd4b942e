-- The triggers: which functions run by themselves, and on what. The tables in the order in which
-- statements lock them (an account before its sessions, mail last), so that this file waits for a
-- statement that is under way instead of locking it out.

CREATE OR REPLACE TRIGGER user_inserted BEFORE INSERT ON edgegate.users
FOR EACH ROW EXECUTE FUNCTION edgegate.reject_tombstoned_id();

CREATE OR REPLACE TRIGGER user_deleted AFTER DELETE ON edgegate.users
FOR EACH ROW EXECUTE FUNCTION edgegate.tombstone_user();

CREATE OR REPLACE TRIGGER password_changed BEFORE UPDATE OF password_hash ON edgegate.users
FOR EACH ROW WHEN (old.password_hash IS DISTINCT FROM new.password_hash)
EXECUTE FUNCTION edgegate.increment_password_version();

-- Runs when the transaction commits. PostgreSQL replaces no constraint trigger: one that is to
-- change gets another name, and the old one is dropped in retired.sql.
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_trigger t WHERE t.tgrelid = 'edgegate.users'::regclass AND t.tgname = 'password_replaced'
    ) THEN
        CREATE CONSTRAINT TRIGGER password_replaced AFTER UPDATE OF password_hash ON edgegate.users
        DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (old.password_hash IS DISTINCT FROM new.password_hash)
        EXECUTE FUNCTION edgegate.end_sessions_of_older_passwords();
    END IF;
END
$$;

CREATE OR REPLACE TRIGGER session_opened BEFORE INSERT ON edgegate.sessions
FOR EACH ROW EXECUTE FUNCTION edgegate.copy_password_version();

CREATE OR REPLACE TRIGGER session_revoked AFTER UPDATE OF revoked_at ON edgegate.sessions
FOR EACH ROW WHEN (old.revoked_at IS NULL AND new.revoked_at IS NOT NULL)
EXECUTE FUNCTION edgegate.note_revocation();

CREATE OR REPLACE TRIGGER session_deleted AFTER DELETE ON edgegate.sessions
FOR EACH ROW WHEN (old.revoked_at IS NULL) EXECUTE FUNCTION edgegate.note_revocation();

CREATE OR REPLACE TRIGGER erase_recipient_when_done BEFORE INSERT OR UPDATE ON edgegate.outbox
FOR EACH ROW WHEN (new.user_id IS NULL AND new.next_attempt_at IS NULL)
EXECUTE FUNCTION edgegate.erase_recipient();
