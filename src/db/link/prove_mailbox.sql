-- What a link or code that signs in or recovers does: it proves that somebody has the mailbox. Of
-- an account that nobody confirmed nobody knows whose password and metadata are, so both are void,
-- and what came with the link or with the request for it takes their place. Recovery also ends
-- every other link and session. Returns the outcome, 'signed_in' or 'recovered'.
CREATE OR REPLACE FUNCTION edgegate.prove_mailbox(
    link edgegate.one_time_tokens, new_hash text, new_session jsonb, now timestamptz
) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.users u SET
        password_hash = CASE
            WHEN new_hash IS NOT NULL THEN new_hash
            WHEN u.email_confirmed_at IS NOT NULL THEN u.password_hash
        END,
        user_metadata = CASE
            WHEN u.email_confirmed_at IS NOT NULL THEN u.user_metadata
            ELSE coalesce(link.user_metadata, '{}')
        END,
        delete_after = CASE link.kind WHEN 'recovery' THEN NULL ELSE u.delete_after END,
        email_confirmed_at = coalesce(u.email_confirmed_at, now),
        updated_at = now
    WHERE u.id = link.user_id;
    IF link.kind = 'recovery' THEN
        PERFORM edgegate.end_links(link.user_id, now);
        PERFORM edgegate.end_sessions(link.user_id, (new_session ->> 'id')::uuid, now);
        RETURN 'recovered';
    END IF;
    RETURN 'signed_in';
END
$$;
