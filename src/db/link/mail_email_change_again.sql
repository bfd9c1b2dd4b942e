-- Mails the links of a change of address once more, to those who have not agreed yet. `new_email`
-- is the address that links and mails were made for: if it is another by now, nothing is mailed.
CREATE OR REPLACE FUNCTION edgegate.mail_email_change_again(
    address_key text,
    new_email text,
    mail_limits jsonb,
    links jsonb,
    prepared_mails jsonb,
    audit jsonb,
    now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    waits jsonb := edgegate.throttle_mails(mail_limits, (audit ->> 'audit_id')::uuid, now);
    account_id uuid;
BEGIN
    IF (waits ->> 'wait')::integer > 0 THEN
        RETURN jsonb_build_object('wait', waits -> 'wait');
    END IF;
    -- That the new mailbox has had too many is not told: the caller does not know of it.
    SELECT u.id INTO account_id
    FROM edgegate.users u
    WHERE (waits ->> 'wait_for_others')::integer = 0
        AND u.email_key = address_key
        AND u.new_email = mail_email_change_again.new_email
        AND (u.banned_until IS NULL OR u.banned_until <= now)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM edgegate.do_dummy_mail_work('email_change_new', 'email_change_new', links, prepared_mails, audit, now);
        RETURN jsonb_build_object('wait', 0, 'mails', '[]'::jsonb);
    END IF;
    PERFORM edgegate.mail_email_change(account_id, links, prepared_mails, now);
    PERFORM edgegate.record_event(audit, account_id, 'email_change_mailed', now);
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued_mails(prepared_mails));
END
$$;
