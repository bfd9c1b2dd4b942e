-- What signing in answers: the account, the sessions that had to end, and the mails to send.
CREATE OR REPLACE FUNCTION edgegate.sign_in_result(user_id uuid, prepared_mails jsonb, now timestamptz) RETURNS jsonb
LANGUAGE sql VOLATILE
AS $$
    SELECT jsonb_build_object(
        'account', edgegate.account(u),
        'ended', edgegate.sessions_ended_at(u.id, now),
        'mails', edgegate.queued_mails(prepared_mails)
    )
    FROM edgegate.users u
    WHERE u.id = sign_in_result.user_id
$$;
