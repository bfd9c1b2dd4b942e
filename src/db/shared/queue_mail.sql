-- Queues the draft of this kind, if there is one, and a recipient. To an address that bounced or
-- complained nothing is sent: then the row says why, and the text is kept for when the address is
-- allowed again. While the provider wants to be left alone, the Cron Trigger sends it afterwards.
-- Of notices that whoever knows the password can cause, an account gets five an hour: a mailbox is
-- not to be flooded.
CREATE OR REPLACE FUNCTION edgegate.queue_mail(drafts jsonb, mail_kind text, owner uuid, recipient text, mail_locale text, at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    draft jsonb := drafts -> mail_kind;
    suppressed text;
    pause timestamptz;
BEGIN
    IF draft IS NULL OR recipient IS NULL THEN
        RETURN;
    END IF;
    IF mail_kind IN ('new_device', 'password_changed') AND (
        SELECT count(*)
        FROM edgegate.outbox o
        WHERE o.user_id = owner AND o.kind = mail_kind AND o.created_at > at - interval '1 hour' AND o.id <> (draft ->> 'id')::uuid
    ) >= 5 THEN
        RETURN;
    END IF;
    SELECT s.reason INTO suppressed FROM edgegate.mail_suppressions s WHERE s.email_key = lower(recipient COLLATE "C");
    SELECT p.paused_until INTO pause FROM edgegate.mail_pause p WHERE p.paused_until > at;
    INSERT INTO edgegate.outbox (
        id, user_id, kind, locale, recipient, sealed, created_at, expires_at, attempts, next_attempt_at, failed_at, last_error
    )
    VALUES (
        (draft ->> 'id')::uuid,
        owner,
        mail_kind,
        mail_locale,
        recipient,
        decode(draft ->> 'sealed', 'hex'),
        at,
        (draft ->> 'expires_at')::timestamptz,
        CASE WHEN suppressed IS NULL AND pause IS NULL THEN 1 ELSE 0 END,
        CASE WHEN suppressed IS NULL THEN coalesce(pause, (draft ->> 'lease_until')::timestamptz) END,
        CASE WHEN suppressed IS NOT NULL THEN at END,
        left('suppressed: ' || suppressed, 500)
    )
    ON CONFLICT (id) DO NOTHING;
    IF mail_kind IN ('confirm_signup', 'sign_in', 'invite', 'recovery', 'email_change_current', 'email_change_new', 'reauthentication') THEN
        PERFORM edgegate.drop_dead_mail(owner, ARRAY[mail_kind], (draft ->> 'id')::uuid, at);
    END IF;
END
$$;
