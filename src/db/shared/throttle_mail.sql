-- Counts a mail that a caller asks for, whether or not one will leave, so that the answer tells
-- nothing. `mail_limits` has the keys and limits. Returns 0, or the seconds to wait. What everybody
-- shares comes last: a request that is refused anyway takes nothing from it.
CREATE OR REPLACE FUNCTION edgegate.throttle_mail(mail_limits jsonb, request_id uuid, now timestamptz) RETURNS integer
LANGUAGE sql VOLATILE
AS $$
    SELECT greatest((waits ->> 'wait')::integer, (waits ->> 'wait_for_others')::integer)
    FROM edgegate.throttle_mails(mail_limits, request_id, now) AS waits
$$;
