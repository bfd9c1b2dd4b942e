-- Makes the change of address that is under way, if every mailbox that has to agree has agreed. An
-- account that nobody confirmed gives the address up; a confirmed one keeps it. Returns
-- 'half_done', 'changed' or 'taken'.
CREATE OR REPLACE FUNCTION edgegate.complete_email_change(user_id uuid, now timestamptz) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
BEGIN
    SELECT * INTO account FROM edgegate.users u WHERE u.id = complete_email_change.user_id;
    IF account.new_email IS NULL THEN
        RETURN 'taken';
    END IF;
    IF account.email_change_new_at IS NULL
        OR (account.email IS NOT NULL AND account.email_change_current_at IS NULL)
    THEN
        RETURN 'half_done';
    END IF;
    DELETE FROM edgegate.users u
    WHERE u.email_key = lower(account.new_email COLLATE "C") AND u.email_confirmed_at IS NULL AND u.id <> account.id;
    BEGIN
        UPDATE edgegate.users u SET
            email = u.new_email,
            email_confirmed_at = now,
            app_metadata = CASE
                WHEN u.is_anonymous THEN u.app_metadata || edgegate.email_app_metadata()
                ELSE u.app_metadata
            END,
            is_anonymous = false,
            updated_at = now
        WHERE u.id = complete_email_change.user_id;
    EXCEPTION WHEN unique_violation THEN
        PERFORM edgegate.end_links(account.id, now);
        RETURN 'taken';
    END;
    PERFORM edgegate.end_links(account.id, now);
    RETURN 'changed';
END
$$;
