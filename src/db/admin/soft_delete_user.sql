-- Deletes an account and keeps its row: address, password, metadata, links, devices, queued mails
-- go, and nothing leads to it any more. A deletion that its owner asked for comes all the same.
-- Returns the sessions that ended; null if there is no such account.
CREATE OR REPLACE FUNCTION edgegate.soft_delete_user(user_id uuid, audit jsonb, now timestamptz) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
BEGIN
    SELECT * INTO account FROM edgegate.users u WHERE u.id = soft_delete_user.user_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF account.deleted_at IS NULL THEN
        PERFORM edgegate.end_sessions(account.id, NULL, now);
        UPDATE edgegate.sessions s SET
            ip = NULL,
            user_agent = NULL
        WHERE s.user_id = account.id;
        DELETE FROM edgegate.one_time_tokens t WHERE t.user_id = account.id;
        DELETE FROM edgegate.devices d WHERE d.user_id = account.id;
        DELETE FROM edgegate.outbox o WHERE o.user_id = account.id;
        UPDATE edgegate.users u SET
            email = NULL,
            new_email = NULL,
            password_hash = NULL,
            email_confirmed_at = NULL,
            email_change_current_at = NULL,
            email_change_new_at = NULL,
            user_metadata = '{}',
            app_metadata = '{}',
            deleted_at = now,
            updated_at = now
        WHERE u.id = account.id;
        PERFORM edgegate.redact_client_info(account.id);
        PERFORM edgegate.record_event(audit, account.id, 'soft_deleted', now);
    END IF;
    RETURN edgegate.sessions_ended_at(account.id, now);
END
$$;
