-- Counts the mails that one request asks for, as edgegate.throttle_mail does, where it mails
-- further mailboxes (`mail_limits` -> "also": their keys). Returns {"wait", "wait_for_others"}: the
-- seconds that the caller has to wait, and those that a further mailbox is to be left alone.
-- Recipients are locked in the order of their keys, after the network, before what everybody
-- shares, and all of them before the account: no deadlock.
CREATE OR REPLACE FUNCTION edgegate.throttle_mails(mail_limits jsonb, request_id uuid, now timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    wait integer := edgegate.consume_rate_limit(
        decode(mail_limits ->> 'network', 'hex'), request_id, now, (mail_limits ->> 'network_per_hour')::integer
    );
    wait_for_others integer := 0;
    recipient_key text;
    seconds integer;
BEGIN
    IF wait = 0 THEN
        FOR recipient_key IN
            SELECT k.key
            FROM jsonb_array_elements_text(
                coalesce(mail_limits -> 'also', '[]') || jsonb_build_array(mail_limits -> 'recipient')
            ) AS k (key)
            ORDER BY k.key
        LOOP
            seconds := edgegate.throttle(
                decode(recipient_key, 'hex'),
                request_id,
                now,
                ARRAY (SELECT w::integer FROM jsonb_array_elements_text(mail_limits -> 'recipient_waits') AS w),
                (mail_limits ->> 'recipient_forget_after')::integer
            );
            IF recipient_key = mail_limits ->> 'recipient' THEN
                wait := greatest(wait, seconds);
            ELSE
                wait_for_others := greatest(wait_for_others, seconds);
            END IF;
        END LOOP;
    END IF;
    IF wait = 0 THEN
        wait := edgegate.consume_rate_limit(
            decode(mail_limits ->> 'all', 'hex'), request_id, now, (mail_limits ->> 'all_per_hour')::integer
        );
    END IF;
    RETURN jsonb_build_object('wait', wait, 'wait_for_others', wait_for_others);
END
$$;
