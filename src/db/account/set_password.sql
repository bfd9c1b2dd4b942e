-- Replaces the password of an account whose row the caller has locked, and ends what was open under
-- the old one: its links, a change of address under way, and its sessions, all but one (or none,
-- for null).
CREATE OR REPLACE FUNCTION edgegate.set_password(
    user_id uuid, new_hash text, except_session uuid, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.users u SET
        password_hash = new_hash,
        updated_at = now
    WHERE u.id = set_password.user_id;
    PERFORM edgegate.end_links(set_password.user_id, now);
    PERFORM edgegate.end_sessions(set_password.user_id, except_session, now);
END
$$;
