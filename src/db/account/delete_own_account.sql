-- Deletes the caller's account, at once or after `delete_after`; all its sessions end either way.
-- Returns the caller's standing and, if that is good, an outcome: 'done', or why the proof failed.
CREATE OR REPLACE FUNCTION edgegate.delete_own_account(
    owner uuid,
    session_id uuid,
    idle_since timestamptz,
    proof jsonb,
    failures_since timestamptz,
    most_failures integer,
    delete_after timestamptz,
    drafts jsonb,
    caller jsonb,
    at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (caller ->> 'audit_id')::uuid;
    standing text;
    account edgegate.users;
    outcome text;
    ended uuid[] := '{}';
BEGIN
    IF EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = request_id AND e.action IN ('deleted_by_owner', 'deletion_scheduled')) THEN
        RETURN jsonb_build_object('standing', 'good', 'outcome', 'done', 'ended', ended, 'mails', edgegate.queued(drafts)); -- sent again
    END IF;
    standing := edgegate.locked_standing(owner, session_id, at, idle_since, NULL);
    IF standing <> 'good' THEN
        RETURN jsonb_build_object('standing', standing);
    END IF;
    outcome := edgegate.prove(owner, proof, request_id, failures_since, most_failures, at);
    IF outcome <> 'good' THEN
        RETURN jsonb_build_object('standing', standing, 'outcome', outcome);
    END IF;
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    ended := edgegate.end_sessions(owner, NULL, at);
    INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
    VALUES (
        request_id,
        owner,
        CASE WHEN delete_after IS NULL THEN 'deleted_by_owner' ELSE 'deletion_scheduled' END,
        (caller ->> 'ip')::inet,
        caller ->> 'user_agent',
        at
    );
    IF delete_after IS NULL THEN
        -- Nobody's: the mail must outlive the account.
        PERFORM edgegate.queue_mail(drafts, 'account_deleted', NULL, account.email, account.locale, at);
        DELETE FROM edgegate.users u WHERE u.id = owner;
    ELSE
        PERFORM edgegate.end_links(owner, at);
        UPDATE edgegate.users u SET
            delete_after = delete_own_account.delete_after,
            updated_at = at
        WHERE u.id = owner;
        PERFORM edgegate.queue_mail(drafts, 'deletion_scheduled', owner, account.email, account.locale, at);
    END IF;
    RETURN jsonb_build_object('standing', standing, 'outcome', 'done', 'ended', ended, 'mails', edgegate.queued(drafts));
END
$$;
