-- What an administrator's link changes in an account before it is issued. An invitation, or a
-- sign-up of the administrator's, of an account that nobody confirmed replaces what somebody else
-- wrote there, and kills that person's links. A change of address to `new_email` begins, or goes
-- on.
CREATE OR REPLACE FUNCTION edgegate.prepare_generated_link(
    user_id uuid, link_type text, new_account jsonb, new_email text, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF link_type IN ('signup', 'invite') THEN
        PERFORM edgegate.expire_links(
            prepare_generated_link.user_id, ARRAY['signup', 'magiclink', 'recovery'], now
        );
        PERFORM edgegate.drop_dead_mail(
            prepare_generated_link.user_id, ARRAY['confirm_signup', 'sign_in', 'invite', 'recovery'], NULL, now
        );
        UPDATE edgegate.users u SET
            password_hash = new_account ->> 'password_hash',
            user_metadata = new_account -> 'user_metadata',
            locale = new_account ->> 'locale',
            confirmation_sent_at = now,
            invited_at = CASE link_type WHEN 'invite' THEN now ELSE u.invited_at END
        WHERE u.id = prepare_generated_link.user_id;
    END IF;
    IF prepare_generated_link.new_email IS NOT NULL THEN
        UPDATE edgegate.users u SET
            new_email = prepare_generated_link.new_email,
            email_change_current_at = CASE
                WHEN u.new_email = prepare_generated_link.new_email THEN u.email_change_current_at
            END,
            email_change_new_at = CASE
                WHEN u.new_email = prepare_generated_link.new_email THEN u.email_change_new_at
            END,
            email_change_sent_at = now
        WHERE u.id = prepare_generated_link.user_id;
    END IF;
    UPDATE edgegate.users u SET
        recovery_sent_at = CASE WHEN link_type IN ('magiclink', 'recovery') THEN now ELSE u.recovery_sent_at END,
        updated_at = now
    WHERE u.id = prepare_generated_link.user_id;
END
$$;
