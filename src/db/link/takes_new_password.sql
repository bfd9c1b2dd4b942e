-- Whether the page behind this link may set a new password. One that recovers may. One that claims
-- an address may where it makes the account its owner's: of an account that nobody confirmed, and
-- of a new address to which the current mailbox, if there is one, has agreed. Otherwise a stolen
-- access token would be enough to move an account to a mailbox of the thief's and set a password
-- there.
CREATE OR REPLACE FUNCTION edgegate.takes_new_password(link edgegate.one_time_tokens) RETURNS boolean
LANGUAGE sql VOLATILE
AS $$
    SELECT CASE link.kind
        WHEN 'recovery' THEN true
        WHEN 'signup' THEN u.email_confirmed_at IS NULL
        WHEN 'email_change_new' THEN u.email IS NULL OR u.email_change_current_at IS NOT NULL
        ELSE false
    END
    FROM edgegate.users u
    WHERE u.id = link.user_id
$$;
