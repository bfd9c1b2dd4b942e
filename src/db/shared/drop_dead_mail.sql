-- Gives up mails of these kinds that wait and whose link is dead by now: replaced by a newer one,
-- used, or ended. `but_not` is the newer one. Of those that were given up before the text goes:
-- nobody can queue them again.
CREATE OR REPLACE FUNCTION edgegate.drop_dead_mail(owner uuid, mail_kinds text[], but_not uuid, at timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    UPDATE edgegate.outbox o SET
        next_attempt_at = NULL,
        failed_at = coalesce(o.failed_at, at),
        last_error = CASE WHEN o.failed_at IS NULL THEN 'its link had died' ELSE o.last_error END,
        sealed = NULL
    WHERE o.user_id = owner AND o.kind = ANY (mail_kinds) AND o.id IS DISTINCT FROM but_not
        AND (o.next_attempt_at IS NOT NULL OR o.failed_at IS NOT NULL AND o.sealed IS NOT NULL)
$$;
