-- Deletes the account of a user who asks for it, at once or after `delete_after`; all its sessions
-- end either way. Returns the status of the session and, if that is valid, an outcome: 'done', or
-- why the user was not reauthenticated.
CREATE OR REPLACE FUNCTION edgegate.delete_account(
    user_id uuid,
    session_id uuid,
    idle_since timestamptz,
    reauthentication jsonb,
    failures_since timestamptz,
    max_failures integer,
    delete_after timestamptz,
    prepared_mails jsonb,
    audit jsonb,
    now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := audit ->> 'audit_id';
    status text := 'valid';
    account edgegate.users;
    reauthenticated text;
    ended uuid[] := '{}';
BEGIN
    IF NOT EXISTS ( -- else it was sent again
        SELECT FROM edgegate.audit_events e
        WHERE e.id = request_id AND e.action IN ('deleted_by_owner', 'deletion_scheduled')
    ) THEN
        status := edgegate.session_status_for_update(
            delete_account.user_id, delete_account.session_id, now, idle_since, NULL
        );
        IF status <> 'valid' THEN
            RETURN jsonb_build_object('session_status', status);
        END IF;
        SELECT * INTO account FROM edgegate.users u WHERE u.id = delete_account.user_id;
        reauthenticated := edgegate.reauthenticate(
            account.id, reauthentication, request_id, failures_since, max_failures, now
        );
        IF reauthenticated <> 'good' THEN
            RETURN jsonb_build_object('session_status', status, 'outcome', reauthenticated);
        END IF;
        ended := edgegate.end_sessions(account.id, NULL, now);
        IF delete_account.delete_after IS NULL THEN
            PERFORM edgegate.record_event(audit, account.id, 'deleted_by_owner', now);
            -- Nobody's: the mail must outlive the account.
            PERFORM edgegate.queue_mail(prepared_mails, 'account_deleted', NULL, account.email, account.locale, now);
            DELETE FROM edgegate.users u WHERE u.id = account.id;
        ELSE
            PERFORM edgegate.record_event(audit, account.id, 'deletion_scheduled', now);
            PERFORM edgegate.end_links(account.id, now);
            UPDATE edgegate.users u SET
                delete_after = delete_account.delete_after,
                updated_at = now
            WHERE u.id = account.id;
            PERFORM edgegate.queue_mail(
                prepared_mails, 'deletion_scheduled', account.id, account.email, account.locale, now
            );
        END IF;
    END IF;
    RETURN jsonb_build_object(
        'session_status', status, 'outcome', 'done', 'ended', ended, 'mails', edgegate.queued_mails(prepared_mails)
    );
END
$$;
