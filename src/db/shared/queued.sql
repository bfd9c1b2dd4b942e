-- Which drafts were queued and are to be sent at once, by whoever asked. Sent again a statement
-- says the same.
CREATE OR REPLACE FUNCTION edgegate.queued(drafts jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'recipient', o.recipient, 'locale', o.locale)), '[]')
    FROM edgegate.outbox o
    WHERE o.id IN (SELECT (d.value ->> 'id')::uuid FROM jsonb_each(drafts) AS d) AND o.next_attempt_at IS NOT NULL AND o.attempts > 0
$$;
