-- Makes an account. Outcomes: 'created', 'email_exists', 'id_exists' (also of an account that is
-- gone).
CREATE OR REPLACE FUNCTION edgegate.create_user(new_account jsonb, audit jsonb, now timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account_id uuid := new_account ->> 'id';
    address_key text := lower((new_account ->> 'email') COLLATE "C");
    outcome text;
    account jsonb;
BEGIN
    IF EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = (audit ->> 'audit_id')::uuid) THEN
        outcome := 'created'; -- sent again
    END IF;
    -- Once more if what stood in the way was deleted a moment later.
    WHILE outcome IS NULL LOOP
        IF edgegate.insert_user(new_account, now) THEN
            outcome := 'created';
            PERFORM edgegate.record_event(audit, account_id, 'created', now);
        ELSIF EXISTS (SELECT FROM edgegate.users u WHERE u.email_key = address_key) THEN
            outcome := 'email_exists';
        ELSIF EXISTS (SELECT FROM edgegate.users u WHERE u.id = account_id)
            OR EXISTS (SELECT FROM edgegate.deleted_users d WHERE d.id = account_id)
        THEN
            outcome := 'id_exists';
        END IF;
    END LOOP;
    IF outcome = 'created' THEN
        SELECT edgegate.account(u) INTO account FROM edgegate.users u WHERE u.id = account_id;
        outcome := CASE WHEN account IS NULL THEN 'id_exists' ELSE outcome END; -- deleted since
    END IF;
    RETURN jsonb_build_object('outcome', outcome, 'account', account);
END
$$;
