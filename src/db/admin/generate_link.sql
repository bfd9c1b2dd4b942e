-- Makes a link of an administrator's for an address: as the `type` of `POST /admin/generate_link`
-- says, or an invitation. 'signup', 'invite' and 'magiclink' make the account if there is none.
-- `new_email` is the new address, of a change of address. What is mailed, if anything, is in
-- `prepared_mails`. Returns the account and an outcome: 'done', 'no_user', 'email_exists'.
CREATE OR REPLACE FUNCTION edgegate.generate_link(
    link_type text,
    new_account jsonb,
    new_email text,
    links jsonb,
    prepared_mails jsonb,
    audit jsonb,
    now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    account edgegate.users;
BEGIN
    -- Sent again, it finds the account by what it recorded.
    SELECT u.* INTO account
    FROM edgegate.audit_events e
    LEFT JOIN edgegate.users u ON u.id = e.user_id
    WHERE e.id = (audit ->> 'audit_id')::uuid;
    IF NOT FOUND THEN
        IF link_type IN ('signup', 'invite', 'magiclink') THEN
            PERFORM edgegate.insert_unconfirmed_user(new_account, now);
        END IF;
        SELECT * INTO account
        FROM edgegate.users u
        WHERE u.email_key = lower((new_account ->> 'email') COLLATE "C")
        FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN jsonb_build_object('outcome', 'no_user');
        END IF;
        IF (link_type IN ('signup', 'invite') AND account.email_confirmed_at IS NOT NULL)
            OR EXISTS (
                SELECT FROM edgegate.users u
                WHERE u.email_key = lower(generate_link.new_email COLLATE "C") AND u.email_confirmed_at IS NOT NULL
            )
        THEN
            RETURN jsonb_build_object('outcome', 'email_exists');
        END IF;
        PERFORM edgegate.prepare_generated_link(account.id, link_type, new_account, generate_link.new_email, now);
        PERFORM edgegate.issue_link(
            account.id, CASE link_type WHEN 'invite' THEN 'magiclink' ELSE link_type END, links, now
        );
        IF link_type IN ('invite', 'magiclink') THEN
            -- What the administrator said of an account that is not confirmed yet becomes its
            -- metadata when its owner comes by this link.
            UPDATE edgegate.one_time_tokens t SET user_metadata = new_account -> 'user_metadata'
            WHERE t.user_id = account.id AND t.kind = 'magiclink';
        END IF;
        IF link_type = 'signup' THEN
            -- Made by one hand: nobody disputes it.
            UPDATE edgegate.one_time_tokens t SET disputed = false WHERE t.user_id = account.id AND t.kind = 'signup';
        END IF;
        PERFORM edgegate.record_event(
            audit, account.id, CASE link_type WHEN 'invite' THEN 'invited' ELSE link_type || '_link_made' END, now
        );
        IF prepared_mails ? 'invite' THEN
            PERFORM edgegate.queue_mail(
                prepared_mails, 'invite', account.id, account.email, new_account ->> 'locale', now
            );
        END IF;
        SELECT * INTO account FROM edgegate.users u WHERE u.id = account.id;
    END IF;
    RETURN jsonb_build_object(
        'outcome', 'done', 'account', edgegate.account(account), 'mails', edgegate.queued_mails(prepared_mails)
    );
END
$$;
