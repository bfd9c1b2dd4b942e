-- Gives up mails of these kinds that wait and whose link is dead by now: replaced by a newer one,
-- used, or ended. `except_mail` is the newer one. Of mails that were given up before, the text
-- goes: they cannot be queued again.
CREATE OR REPLACE FUNCTION edgegate.drop_dead_mail(
    user_id uuid, mail_kinds text[], except_mail uuid, now timestamptz
) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.outbox o SET
        next_attempt_at = NULL,
        failed_at = coalesce(o.failed_at, now),
        last_error = CASE WHEN o.failed_at IS NULL THEN 'its link had died' ELSE o.last_error END,
        sealed = NULL
    WHERE o.user_id = drop_dead_mail.user_id
        AND o.kind = ANY (mail_kinds)
        AND o.id IS DISTINCT FROM except_mail
        AND (o.next_attempt_at IS NOT NULL OR o.failed_at IS NOT NULL AND o.sealed IS NOT NULL)
$$;
