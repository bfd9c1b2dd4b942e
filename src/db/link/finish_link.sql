-- Notes what using a link or code came to, so that the same statement sent twice says the same, and
-- ends those that are of no use any more, or of use to somebody else: the others that would confirm
-- or sign in, and mails that wait with one.
CREATE OR REPLACE FUNCTION edgegate.finish_link(
    link edgegate.one_time_tokens, result text, now timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE edgegate.one_time_tokens t SET outcome = result WHERE t.token_digest = link.token_digest;
    IF result IN ('confirmed', 'signed_in') THEN
        PERFORM edgegate.expire_links(link.user_id, array_remove(ARRAY['signup', 'magiclink'], link.kind), now);
    END IF;
    IF result IN ('confirmed', 'signed_in', 'recovered') THEN
        PERFORM edgegate.drop_dead_mail(link.user_id, ARRAY['confirm_signup', 'sign_in', 'invite'], NULL, now);
    END IF;
END
$$;
