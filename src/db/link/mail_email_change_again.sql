-- Mails the links of a change of address once more, to whoever has not agreed yet. `pending` is the
-- new address that the links and drafts were made for: if it is another by now, nothing is mailed.
CREATE OR REPLACE FUNCTION edgegate.mail_email_change_again(
    address_key text, pending text, counters jsonb, links jsonb, drafts jsonb, caller jsonb, at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    request_id uuid := (caller ->> 'audit_id')::uuid;
    counted jsonb := edgegate.count_mails(counters, request_id, at);
    wait integer := counted -> 'wait';
    owner uuid;
BEGIN
    IF wait > 0 THEN
        RETURN jsonb_build_object('wait', wait);
    END IF;
    -- That the new mailbox has had too many is not told: the caller does not know of it.
    SELECT u.id INTO owner
    FROM edgegate.users u
    WHERE (counted -> 'also')::integer = 0 AND u.email_key = address_key AND u.new_email = pending AND (u.banned_until IS NULL OR u.banned_until <= at)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM edgegate.mail_nobody('email_change_new', 'email_change_new', links, drafts, caller, at);
        RETURN jsonb_build_object('wait', 0, 'mails', '[]'::jsonb);
    END IF;
    PERFORM edgegate.mail_email_change(owner, links, drafts, at);
    RETURN jsonb_build_object('wait', 0, 'mails', edgegate.queued(drafts));
END
$$;
