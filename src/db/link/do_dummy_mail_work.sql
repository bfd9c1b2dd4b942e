-- What asking for a mail does where there is no account to send one to, or none that may have it:
-- what it does otherwise, but for a dummy, so that the time it takes does not tell. What is
-- recorded says that somebody asks for addresses without an account.
CREATE OR REPLACE FUNCTION edgegate.do_dummy_mail_work(
    link_kind text, mail_kind text, links jsonb, prepared_mails jsonb, audit jsonb, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM edgegate.issue_dummy_link(link_kind, mail_kind, links, prepared_mails, now);
    PERFORM edgegate.record_event(audit, NULL, 'email_requested_for_unknown_address', now);
    PERFORM edgegate.queued_mails(prepared_mails);
END
$$;
