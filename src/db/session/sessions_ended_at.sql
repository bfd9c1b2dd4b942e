-- The sessions of an account that ended at this moment, which is that of the request that ended
-- them: sent again, its statement names the same.
CREATE OR REPLACE FUNCTION edgegate.sessions_ended_at(user_id uuid, now timestamptz) RETURNS uuid[]
LANGUAGE sql VOLATILE
AS $$
    SELECT coalesce(array_agg(s.id), '{}')
    FROM edgegate.sessions s
    WHERE s.user_id = sessions_ended_at.user_id AND s.revoked_at = now
$$;
