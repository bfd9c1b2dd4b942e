-- What follows when an administrator gives an account another address: open links and a change of
-- address under way end, and no earlier change may be taken back any more, for the administrator
-- has the last word. Who had the address until then is told so, if they had confirmed it (ASVS
-- 6.3.7).
CREATE OR REPLACE FUNCTION edgegate.end_earlier_addresses(
    before edgegate.users, prepared_mails jsonb, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM edgegate.end_links(before.id, now);
    IF before.email_confirmed_at IS NOT NULL THEN
        PERFORM edgegate.queue_mail(prepared_mails, 'email_changed', before.id, before.email, before.locale, now);
    END IF;
    PERFORM edgegate.expire_links(before.id, ARRAY['email_change_undo'], now);
    PERFORM edgegate.drop_dead_mail(before.id, ARRAY['email_change_current'], NULL, now);
END
$$;
