-- Counts a mail as `edgegate.count_mail` does. Returns {"wait", "also"}: the seconds that the
-- caller has to wait, and those that a further recipient is to be left alone.
CREATE OR REPLACE FUNCTION edgegate.count_mails(counters jsonb, request_id uuid, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    wait integer := edgegate.spend(
        decode(counters ->> 'network', 'hex'), request_id, at, (counters ->> 'network_per_hour')::integer
    );
    also integer := 0;
    recipient text;
    seconds integer;
BEGIN
    IF wait = 0 THEN
        FOR recipient IN
            SELECT k.key
            FROM jsonb_array_elements_text(coalesce(counters -> 'also', '[]') || jsonb_build_array(counters -> 'recipient')) AS k (key)
            ORDER BY k.key
        LOOP
            seconds := edgegate.count_attempt(
                decode(recipient, 'hex'),
                request_id,
                at,
                ARRAY (SELECT w::integer FROM jsonb_array_elements_text(counters -> 'recipient_waits') AS w),
                (counters ->> 'recipient_forget_after')::integer
            );
            IF recipient = counters ->> 'recipient' THEN
                wait := greatest(wait, seconds);
            ELSE
                also := greatest(also, seconds);
            END IF;
        END LOOP;
    END IF;
    IF wait = 0 THEN
        wait := edgegate.spend(decode(counters ->> 'all', 'hex'), request_id, at, (counters ->> 'all_per_hour')::integer);
    END IF;
    RETURN jsonb_build_object('wait', wait, 'also', also);
END
$$;
