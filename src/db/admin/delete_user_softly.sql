-- Deletes an account and keeps its row: address, password, metadata, links, devices, queued mails
-- go, and nothing leads to it any more. A deletion that its owner asked for comes all the same.
-- Returns the sessions that ended; null if there is no such account.
CREATE OR REPLACE FUNCTION edgegate.delete_user_softly(owner uuid, caller jsonb, at timestamptz) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
BEGIN
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF account.deleted_at IS NULL THEN
        PERFORM edgegate.end_sessions(owner, NULL, at);
        UPDATE edgegate.sessions s SET ip = NULL, user_agent = NULL WHERE s.user_id = owner;
        DELETE FROM edgegate.one_time_tokens t WHERE t.user_id = owner;
        DELETE FROM edgegate.devices d WHERE d.user_id = owner;
        DELETE FROM edgegate.outbox o WHERE o.user_id = owner;
        UPDATE edgegate.users u SET
            email = NULL,
            new_email = NULL,
            password_hash = NULL,
            email_confirmed_at = NULL,
            email_change_current_at = NULL,
            email_change_new_at = NULL,
            user_metadata = '{}',
            app_metadata = '{}',
            deleted_at = at,
            updated_at = at
        WHERE u.id = owner;
        PERFORM edgegate.forget_whereabouts(owner);
        PERFORM edgegate.record_administration(owner, ARRAY['soft_deleted'], caller, at);
    END IF;
    RETURN ARRAY (SELECT s.id FROM edgegate.sessions s WHERE s.user_id = owner AND s.revoked_at = at);
END
$$;
