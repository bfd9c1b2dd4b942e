-- Ends every open link, a change of address under way and every session of an account whose row the
-- caller has locked.
CREATE OR REPLACE FUNCTION edgegate.end_access(user_id uuid, now timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM edgegate.end_links(end_access.user_id, now);
    PERFORM edgegate.end_sessions(end_access.user_id, NULL, now);
END
$$;
