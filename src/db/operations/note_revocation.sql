-- Trigger: notes a session that ends before its time in edgegate.revocations, until Workers KV
-- knows of it. KV cannot take part in a transaction, so whatever ends a session leaves the note in
-- the same one; the note goes once KV has it, after the response or by the Cron Trigger. A trigger,
-- so that no way of ending a session can forget it: sign-out, ban, deletion of the account, a
-- statement typed by hand. Sessions that housekeeping removes long after their end are noted too;
-- the next run of the Cron Trigger drops those.
CREATE OR REPLACE FUNCTION edgegate.note_revocation() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO edgegate.revocations (session_id, user_id, refreshed_at)
    VALUES (old.id, old.user_id, old.refreshed_at)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
