-- What using a link or code does, by its kind. The caller has locked the account and then consumed
-- the link. `new_hash` is a password that came with it. Returns the account, what became of it, the
-- sessions that ended and the mails to send.
CREATE OR REPLACE FUNCTION edgegate.apply_link(
    link edgegate.one_time_tokens,
    new_hash text,
    signs_in boolean,
    new_session jsonb,
    prepared_mails jsonb,
    now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    result text := link.outcome;
    before edgegate.users;
BEGIN
    IF result IS NULL THEN
        SELECT * INTO before FROM edgegate.users u WHERE u.id = link.user_id;
        CASE link.kind
        WHEN 'signup' THEN
            result := edgegate.confirm_sign_up(link, new_hash, now);
        WHEN 'magiclink', 'recovery' THEN
            result := edgegate.prove_mailbox(link, new_hash, new_session, now);
        WHEN 'email_change_current', 'email_change_new' THEN
            result := edgegate.agree_to_email_change(link, new_hash, now);
        WHEN 'email_change_undo' THEN
            result := edgegate.undo_email_change(link, now);
        END CASE;
        PERFORM edgegate.finish_link(link, result, now);
        -- To the address that the account had: whoever sets a password on the page of a new address
        -- reads the new one. The first password of an account that nobody had confirmed is told to
        -- nobody.
        IF new_hash IS NOT NULL AND before.email_confirmed_at IS NOT NULL AND result <> 'taken' THEN
            PERFORM edgegate.queue_mail(
                prepared_mails, 'password_changed', before.id, before.email, before.locale, now
            );
        END IF;
        PERFORM edgegate.record_event(new_session, before.id, CASE link.kind
            WHEN 'signup' THEN 'confirmed'
            WHEN 'magiclink' THEN 'signed_in'
            WHEN 'recovery' THEN 'recovered'
            ELSE link.kind || '_' || result
        END, now);
    END IF;
    IF signs_in AND result IN ('confirmed', 'signed_in', 'recovered', 'changed') THEN
        PERFORM edgegate.sign_in(link.user_id, new_session, prepared_mails, now);
    END IF;
    RETURN edgegate.sign_in_result(link.user_id, prepared_mails, now)
        || jsonb_build_object('kind', link.kind, 'outcome', result, 'redirect_to', link.redirect_to);
END
$$;
