-- Which of the prepared mails were queued and are to be sent at once, by the request that queued
-- them. Sent again a statement says the same.
CREATE OR REPLACE FUNCTION edgegate.queued_mails(prepared_mails jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'recipient', o.recipient, 'locale', o.locale)), '[]')
    FROM edgegate.outbox o
    WHERE o.id IN (SELECT (m.value ->> 'id')::uuid FROM jsonb_each(prepared_mails) AS m)
        AND o.next_attempt_at IS NOT NULL
        AND o.attempts > 0
$$;
