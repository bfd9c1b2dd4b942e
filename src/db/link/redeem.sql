-- What using a link or code does, by its kind. The caller has locked the account and then used up
-- the link. `new_hash` is a password that came with it. Returns the account, what became of it, the
-- sessions that ended and the mails to send.
--
-- Of an account that nobody confirmed nobody knows whose password and metadata are. So whoever
-- proves the mailbox without knowing the password voids both.
CREATE OR REPLACE FUNCTION edgegate.redeem(
    link edgegate.one_time_tokens, new_hash text, signs_in boolean, opening jsonb, drafts jsonb, at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    owner uuid := link.user_id;
    result text := link.outcome;
    before edgegate.users;
BEGIN
    IF result IS NULL THEN
        SELECT * INTO before FROM edgegate.users u WHERE u.id = owner;
        CASE link.kind
        WHEN 'signup' THEN
            result := 'confirmed';
            UPDATE edgegate.users u SET
                email_confirmed_at = coalesce(u.email_confirmed_at, at),
                password_hash = coalesce(new_hash, u.password_hash),
                updated_at = at
            WHERE u.id = owner;
        WHEN 'magiclink', 'recovery' THEN
            result := CASE link.kind WHEN 'magiclink' THEN 'signed_in' ELSE 'recovered' END;
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
                email_confirmed_at = coalesce(u.email_confirmed_at, at),
                updated_at = at
            WHERE u.id = owner;
            IF link.kind = 'recovery' THEN
                PERFORM edgegate.end_links(owner, at);
                PERFORM edgegate.end_sessions(owner, (opening ->> 'id')::uuid, at);
            END IF;
        WHEN 'email_change_current' THEN
            UPDATE edgegate.users u SET email_change_current_at = at WHERE u.id = owner AND u.new_email IS NOT NULL;
            result := edgegate.complete_email_change(owner, at);
        WHEN 'email_change_new' THEN
            UPDATE edgegate.users u SET
                email_change_new_at = at,
                password_hash = coalesce(new_hash, u.password_hash)
            WHERE u.id = owner AND u.new_email IS NOT NULL;
            IF new_hash IS NOT NULL THEN
                -- Whoever has the mailbox and not the password takes the account over.
                PERFORM edgegate.end_sessions(owner, NULL, at);
            END IF;
            result := edgegate.complete_email_change(owner, at);
        WHEN 'email_change_undo' THEN
            result := edgegate.undo_email_change(owner, link.restores_email, at);
        END CASE;
        UPDATE edgegate.one_time_tokens t SET outcome = result WHERE t.token_digest = link.token_digest;
        -- The others that would confirm or sign in are of no use any more, or of use to somebody
        -- else.
        UPDATE edgegate.one_time_tokens t SET expires_at = least(t.expires_at, at), auth_code_expires_at = least(t.auth_code_expires_at, at)
        WHERE t.user_id = owner AND t.kind IN ('signup', 'magiclink') AND t.kind <> link.kind
            AND t.consumed_at IS NULL AND result IN ('confirmed', 'signed_in');
        IF result IN ('confirmed', 'signed_in', 'recovered') THEN
            PERFORM edgegate.drop_dead_mail(owner, ARRAY['confirm_signup', 'sign_in', 'invite'], NULL, at);
        END IF;
        -- To the address that the account had: whoever sets a password on the page of a new address
        -- reads the new one. Nobody is told of the first password of an account that nobody had
        -- confirmed.
        IF new_hash IS NOT NULL AND before.email_confirmed_at IS NOT NULL AND result <> 'taken' THEN
            PERFORM edgegate.queue_mail(drafts, 'password_changed', owner, before.email, before.locale, at);
        END IF;
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        VALUES (
            (opening ->> 'audit_id')::uuid,
            owner,
            CASE link.kind
                WHEN 'signup' THEN 'confirmed'
                WHEN 'magiclink' THEN 'signed_in'
                WHEN 'recovery' THEN 'recovered'
                ELSE link.kind || '_' || result
            END,
            (opening ->> 'ip')::inet,
            opening ->> 'user_agent',
            at
        )
        ON CONFLICT (id) DO NOTHING;
    END IF;
    IF signs_in AND result IN ('confirmed', 'signed_in', 'recovered', 'changed') THEN
        PERFORM edgegate.sign_in(owner, opening, drafts, at);
    END IF;
    RETURN edgegate.opened(owner, drafts, at)
        || jsonb_build_object('kind', link.kind, 'outcome', result, 'redirect_to', link.redirect_to);
END
$$;
