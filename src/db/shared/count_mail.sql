-- Counts a mail that a caller asks for, whether or not one will leave, so that the answer tells
-- nothing. `counters` has the keys and limits: see `db::mailing::Counters`. Returns 0, or the
-- seconds to wait. What everybody shares comes last: whoever is refused anyway takes nothing from
-- it.
CREATE OR REPLACE FUNCTION edgegate.count_mail(counters jsonb, request_id uuid, at timestamptz) RETURNS integer
LANGUAGE sql VOLATILE
AS $$
    SELECT greatest((counted ->> 'wait')::integer, (counted ->> 'also')::integer)
    FROM edgegate.count_mails(counters, request_id, at) AS counted
$$;
