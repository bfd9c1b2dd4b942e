-- Mails the links of a change of address to those who have not agreed yet. Where the new address
-- has a confirmed account, its owner is told instead, and the caller does not learn it.
CREATE OR REPLACE FUNCTION edgegate.mail_email_change(
    user_id uuid, links jsonb, prepared_mails jsonb, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
    holder edgegate.users;
BEGIN
    SELECT * INTO account FROM edgegate.users u WHERE u.id = mail_email_change.user_id;
    IF account.email IS NOT NULL AND account.email_change_current_at IS NULL THEN
        PERFORM edgegate.issue_link(account.id, 'email_change_current', links, now);
        PERFORM edgegate.issue_undo_link(account.id, links, account.email, now);
        PERFORM edgegate.queue_mail(
            prepared_mails, 'email_change_current', account.id, account.email, account.locale, now
        );
    END IF;
    IF account.email_change_new_at IS NULL THEN
        PERFORM edgegate.issue_link(account.id, 'email_change_new', links, now);
        SELECT * INTO holder
        FROM edgegate.users u
        WHERE u.email_key = lower(account.new_email COLLATE "C")
            AND u.email_confirmed_at IS NOT NULL
            AND u.id <> account.id;
        -- The mail is the holder's, also in what is stored: else the caller's export would tell.
        IF FOUND THEN
            PERFORM edgegate.queue_mail(
                prepared_mails, 'already_registered', holder.id, holder.email, holder.locale, now
            );
        ELSE
            PERFORM edgegate.queue_mail(
                prepared_mails, 'email_change_new', account.id, account.new_email, account.locale, now
            );
        END IF;
    END IF;
    UPDATE edgegate.users u SET
        email_change_sent_at = now,
        updated_at = now
    WHERE u.id = account.id;
END
$$;
