-- Queues the prepared mail of this kind, if there is one, and a recipient. A caller cannot know
-- which of several mails a statement will choose, so it hands over all of them, sealed:
-- {"recovery": {"id", "sealed" (hex), "expires_at", "lease_until"}}.
--
-- To an address that bounced or complained nothing is sent: then the row says why, and the text is
-- kept for when the address is allowed again. While the provider wants to be left alone, the Cron
-- Trigger sends it afterwards. Of notices that anybody who knows the password can cause, an account
-- gets five an hour: a mailbox is not to be flooded.
CREATE OR REPLACE FUNCTION edgegate.queue_mail(
    prepared_mails jsonb, mail_kind text, user_id uuid, recipient text, locale text, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    mail jsonb := prepared_mails -> mail_kind;
    mail_id uuid := mail ->> 'id';
    suppressed text;
    pause timestamptz;
BEGIN
    IF mail IS NULL OR queue_mail.recipient IS NULL THEN
        RETURN;
    END IF;
    IF mail_kind IN ('new_device', 'password_changed') AND (
        SELECT count(*)
        FROM edgegate.outbox o
        WHERE o.user_id = queue_mail.user_id
            AND o.kind = mail_kind
            AND o.created_at > now - interval '1 hour'
            AND o.id <> mail_id
    ) >= 5 THEN
        RETURN;
    END IF;
    SELECT s.reason INTO suppressed
    FROM edgegate.mail_suppressions s
    WHERE s.email_key = lower(queue_mail.recipient COLLATE "C");
    SELECT p.paused_until INTO pause FROM edgegate.mail_pause p WHERE p.paused_until > now;
    INSERT INTO edgegate.outbox (
        id, user_id, kind, locale, recipient, sealed, created_at, expires_at, attempts, next_attempt_at, failed_at,
        last_error
    )
    VALUES (
        mail_id,
        queue_mail.user_id,
        mail_kind,
        queue_mail.locale,
        queue_mail.recipient,
        decode(mail ->> 'sealed', 'hex'),
        now,
        (mail ->> 'expires_at')::timestamptz,
        CASE WHEN suppressed IS NULL AND pause IS NULL THEN 1 ELSE 0 END,
        CASE WHEN suppressed IS NULL THEN coalesce(pause, (mail ->> 'lease_until')::timestamptz) END,
        CASE WHEN suppressed IS NOT NULL THEN now END,
        left('suppressed: ' || suppressed, 500)
    )
    ON CONFLICT (id) DO NOTHING;
    IF mail_kind IN (
        'confirm_signup', 'sign_in', 'invite', 'recovery', 'email_change_current', 'email_change_new',
        'reauthentication'
    ) THEN
        PERFORM edgegate.drop_dead_mail(queue_mail.user_id, ARRAY[mail_kind], mail_id, now);
    END IF;
END
$$;
