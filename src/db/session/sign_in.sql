-- Opens the session `opening` (see `db::sessions::NewSession`) for an account whose row the caller
-- has locked. Keeps an account that was to be deleted. Its owner is told of a new device, if there
-- is a draft for that. The 50 newest devices are remembered.
CREATE OR REPLACE FUNCTION edgegate.sign_in(owner uuid, opening jsonb, drafts jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    known boolean;
    first_time boolean;
BEGIN
    IF drafts ? 'new_device' THEN
        SELECT EXISTS (SELECT FROM edgegate.devices d WHERE d.user_id = owner) INTO known;
        INSERT INTO edgegate.devices (user_id, device, first_seen_at)
        VALUES (owner, opening ->> 'device', at)
        ON CONFLICT DO NOTHING;
        first_time := FOUND;
        DELETE FROM edgegate.devices d WHERE first_time AND d.user_id = owner AND d.device IN (
            SELECT o.device FROM edgegate.devices o WHERE o.user_id = owner ORDER BY o.first_seen_at DESC, o.device OFFSET 50
        );
        IF first_time AND known THEN
            PERFORM edgegate.queue_mail(drafts, 'new_device', u.id, u.email, u.locale, at)
            FROM edgegate.users u WHERE u.id = owner;
        END IF;
    END IF;
    UPDATE edgegate.users u SET
        last_sign_in_at = greatest(u.last_sign_in_at, at),
        delete_after = NULL,
        updated_at = at
    WHERE u.id = owner;
    PERFORM edgegate.open_session(
        (opening ->> 'id')::uuid,
        owner,
        opening -> 'amr',
        (opening ->> 'ip')::inet,
        opening ->> 'user_agent',
        at,
        (opening ->> 'expires_at')::timestamptz,
        (opening ->> 'idle_since')::timestamptz,
        (opening ->> 'most')::integer
    );
END
$$;
