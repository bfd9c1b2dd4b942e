-- migrate:up

-- ---- Mail that was given up can be queued again ----
--
-- A provider that refuses a sender domain for an hour has given up mails that are as good as new once that is repaired. So a mail that
-- was given up keeps its sealed text for as long as its link lives, and not longer: then the text is of no use to anybody but a thief.
-- A mail that was sent keeps nothing.

CREATE INDEX outbox_dead_letters ON edgegate.outbox (expires_at) WHERE failed_at IS NOT NULL AND sealed IS NOT NULL;
COMMENT ON COLUMN edgegate.outbox.sealed IS 'The message as data, encrypted (XChaCha20-Poly1305, key derived from AUTH_SECRET). Wiped once sent; of a mail that was given up, once its link has died, since until then it can be queued again.';
COMMENT ON COLUMN edgegate.outbox.failed_at IS 'When it was given up. Queued again, it is null again.';

-- ---- A provider that asks for patience ----

CREATE TABLE edgegate.mail_pause (
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    paused_until timestamptz NOT NULL
);
INSERT INTO edgegate.mail_pause (paused_until) VALUES ('-infinity');
COMMENT ON TABLE edgegate.mail_pause IS 'Until when the mail provider wants to be left alone (Retry-After). It counts for all mail, and for all Workers.';
COMMENT ON COLUMN edgegate.mail_pause.one IS 'Keeps it at one row.';
COMMENT ON COLUMN edgegate.mail_pause.paused_until IS 'No attempt begins before. In the past: there is no pause.';

-- Queues the draft of this kind, if there is one, and a recipient. To an address that bounced or complained nothing is sent: then the
-- row says why, and the text is kept for when the address is allowed again. While the provider wants to be left alone, the
-- Cron Trigger sends it afterwards.
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
END
$$;

-- Which drafts were queued and are to be sent at once, by whoever asked. Sent again a statement says the same.
CREATE OR REPLACE FUNCTION edgegate.queued(drafts jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'recipient', o.recipient, 'locale', o.locale)), '[]')
    FROM edgegate.outbox o
    WHERE o.id IN (SELECT (d.value ->> 'id')::uuid FROM jsonb_each(drafts) AS d) AND o.next_attempt_at IS NOT NULL AND o.attempts > 0
$$;

-- migrate:down
-- Forward only: a mistake is mended by another migration.
