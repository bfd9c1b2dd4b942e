-- What the link or code of a sign-up does: it confirms the address. `new_hash` is a password that
-- came with it and replaces the one of the sign-up. Returns the outcome, 'confirmed'.
CREATE OR REPLACE FUNCTION edgegate.confirm_sign_up(
    link edgegate.one_time_tokens, new_hash text, now timestamptz
) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.users u SET
        email_confirmed_at = coalesce(u.email_confirmed_at, now),
        password_hash = coalesce(new_hash, u.password_hash),
        updated_at = now
    WHERE u.id = link.user_id;
    RETURN 'confirmed';
END
$$;
