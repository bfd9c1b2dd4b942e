-- Opens the session `new_session` (`NewSession` in Rust) for an account whose row the caller has
-- locked. Keeps an account that was to be deleted. Its owner is told of a new device, if there is a
-- mail for that. The 50 newest devices are remembered.
CREATE OR REPLACE FUNCTION edgegate.sign_in(
    user_id uuid, new_session jsonb, prepared_mails jsonb, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    known boolean;
    first_time boolean;
BEGIN
    IF prepared_mails ? 'new_device' THEN
        SELECT EXISTS (SELECT FROM edgegate.devices d WHERE d.user_id = sign_in.user_id) INTO known;
        INSERT INTO edgegate.devices (user_id, device, first_seen_at)
        VALUES (sign_in.user_id, new_session ->> 'device', now)
        ON CONFLICT DO NOTHING;
        first_time := FOUND;
        DELETE FROM edgegate.devices d
        WHERE first_time AND d.user_id = sign_in.user_id AND d.device IN (
            SELECT o.device
            FROM edgegate.devices o
            WHERE o.user_id = sign_in.user_id
            ORDER BY o.first_seen_at DESC, o.device
            OFFSET 50
        );
        IF first_time AND known THEN
            PERFORM edgegate.queue_mail(prepared_mails, 'new_device', u.id, u.email, u.locale, now)
            FROM edgegate.users u WHERE u.id = sign_in.user_id;
        END IF;
    END IF;
    UPDATE edgegate.users u SET
        last_sign_in_at = greatest(u.last_sign_in_at, now),
        delete_after = NULL,
        updated_at = now
    WHERE u.id = sign_in.user_id;
    PERFORM edgegate.open_session(
        (new_session ->> 'id')::uuid,
        sign_in.user_id,
        new_session ->> 'aal',
        new_session -> 'amr',
        (new_session ->> 'ip')::inet,
        new_session ->> 'user_agent',
        now,
        (new_session ->> 'expires_at')::timestamptz,
        (new_session ->> 'idle_since')::timestamptz,
        (new_session ->> 'max_sessions')::integer
    );
END
$$;
