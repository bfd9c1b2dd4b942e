-- Mails the links of a change of address to those who have not agreed yet. Where the new address
-- has a confirmed account, its owner is told instead, and the caller does not learn it.
CREATE OR REPLACE FUNCTION edgegate.mail_email_change(owner uuid, links jsonb, drafts jsonb, at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
    holder edgegate.users;
BEGIN
    SELECT * INTO account FROM edgegate.users u WHERE u.id = owner;
    IF account.email IS NOT NULL AND account.email_change_current_at IS NULL THEN
        PERFORM edgegate.issue_link(owner, 'email_change_current', links, at);
        PERFORM edgegate.issue_undo_link(owner, links, account.email, at);
        PERFORM edgegate.queue_mail(drafts, 'email_change_current', owner, account.email, account.locale, at);
    END IF;
    IF account.email_change_new_at IS NULL THEN
        PERFORM edgegate.issue_link(owner, 'email_change_new', links, at);
        SELECT * INTO holder
        FROM edgegate.users u
        WHERE u.email_key = lower(account.new_email COLLATE "C") AND u.email_confirmed_at IS NOT NULL AND u.id <> owner;
        -- The mail is the holder's, also in what is stored: else the caller's export would tell.
        IF FOUND THEN
            PERFORM edgegate.queue_mail(drafts, 'already_registered', holder.id, holder.email, holder.locale, at);
        ELSE
            PERFORM edgegate.queue_mail(drafts, 'email_change_new', owner, account.new_email, account.locale, at);
        END IF;
    END IF;
    UPDATE edgegate.users u SET email_change_sent_at = at, updated_at = at WHERE u.id = owner;
END
$$;
