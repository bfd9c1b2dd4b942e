"""Sessions: refreshing, many tabs at once, storage, signing out, events."""

import json
import time
from base64 import urlsafe_b64encode

import pytest
from clients import at_once, refusal
from conftest import somebody
from supabase_auth.errors import AuthImplicitGrantRedirectError, AuthInvalidJwtError, AuthSessionMissingError

TABS = 12


def expired(session):
    """The same session as a client keeps it once its access token has run out."""
    return session.model_copy(update={"expires_at": int(time.time()) - 1})


def test_refreshing_gives_other_tokens_each_time(member):
    one, _ = member()
    before = one.auth.get_session()
    events = one.events()
    first = one.auth.refresh_session().session
    second = one.auth.refresh_session(first.refresh_token).session
    assert len({before.refresh_token, first.refresh_token, second.refresh_token}) == 3
    assert one.auth.get_user().user.id == before.user.id
    assert events == ["TOKEN_REFRESHED", "TOKEN_REFRESHED"]


def test_a_session_whose_access_token_ran_out_is_refreshed_when_it_is_asked_for(member):
    one, _ = member()
    old = one.auth.get_session()
    one.store(expired(old))
    assert one.auth.get_session().refresh_token != old.refresh_token


def test_many_tabs_that_refresh_at_once_all_end_with_one_session_that_goes_on(browser, member, trusting):
    one, _ = member()
    session = one.auth.get_session()
    tabs = [browser(trusting, storage=one.storage, network=one.network) for _ in range(TABS)]
    answers = at_once(tabs, "refresh_session", session.refresh_token)
    refresh_tokens = {answer.session.refresh_token for answer in answers}
    assert len(refresh_tokens) == 1, "one token for all of them, not a branch for each"
    assert at_once(tabs, "get_user")[-1].user.id == session.user.id
    assert one.auth.refresh_session(refresh_tokens.pop()).session


def test_a_refresh_token_older_than_the_one_before_ends_the_session(browser, member, trusting):
    one, _ = member()
    old = one.auth.get_session().refresh_token
    one.auth.refresh_session()
    newest = one.auth.refresh_session().session
    thief = browser(trusting)
    refused = refusal(lambda: thief.auth.refresh_session(old))
    assert (refused.status, refused.code) == (400, "refresh_token_already_used")
    assert refusal(lambda: one.auth.refresh_session(newest.refresh_token)).code == "session_not_found"
    assert refusal(lambda: one.auth.get_user(newest.access_token)).code == "session_not_found"


def test_junk_is_no_refresh_token(browser, trusting):
    refused = refusal(lambda: browser(trusting).auth.refresh_session("junk"))
    assert (refused.status, refused.code) == (400, "refresh_token_not_found")
    assert refused.message.startswith("Invalid Refresh Token")


def test_tokens_from_elsewhere_make_a_session(browser, member, trusting):
    one, person = member()
    session = one.auth.get_session()
    other = browser(trusting)
    events = other.events()
    answer = other.auth.set_session(session.access_token, session.refresh_token)
    assert (answer.user.email, other.auth.get_session().refresh_token) == (person["email"], session.refresh_token)

    header, payload, signature = session.access_token.split(".")
    ran_out = urlsafe_b64encode(json.dumps({"exp": int(time.time()) - 1}).encode()).decode().rstrip("=")
    renewed = other.auth.set_session(f"{header}.{ran_out}.{signature}", session.refresh_token)
    assert renewed.session.refresh_token != session.refresh_token
    assert events == ["SIGNED_IN", "TOKEN_REFRESHED"]


def test_a_session_in_the_storage_is_found_again_and_refreshed_if_it_must_be(browser, member, trusting):
    one, person = member()
    session = one.auth.get_session()
    reopened = browser(trusting, storage=one.storage)
    events = reopened.events()
    reopened.auth.initialize()
    reopened.store(expired(session))
    reopened.auth.initialize_from_storage()
    assert reopened.auth.get_session().user.email == person["email"]
    assert events == ["SIGNED_IN", "TOKEN_REFRESHED"]


def test_without_a_storage_the_session_lasts_as_long_as_the_client(member):
    one, person = member(persist_session=False)
    assert one.stored() is None
    assert one.auth.get_user().user.email == person["email"]


def test_a_link_that_leads_back_with_an_error_is_one_for_the_client_too(browser, trusting):
    one = browser(trusting)
    url = "https://app.example.test/#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired"
    with pytest.raises(AuthImplicitGrantRedirectError) as refused:
        one.auth.initialize(url=url)
    assert refused.value.details == {"code": "otp_expired", "error": "access_denied"}


def test_signing_out_here_leaves_the_other_places(browser, member, trusting):
    one, person = member()
    other = browser(trusting)
    other.auth.sign_in_with_password(person)
    token = one.auth.get_session().access_token
    events = one.events()
    one.auth.sign_out({"scope": "local"})
    assert (one.auth.get_session(), one.stored(), events) == (None, None, ["SIGNED_OUT"])
    assert refusal(lambda: one.auth.get_user(token)).code == "session_not_found"
    assert other.auth.get_user().user.email == person["email"]


def test_signing_out_elsewhere_leaves_this_place(browser, member, trusting):
    one, person = member()
    other = browser(trusting)
    other.auth.sign_in_with_password(person)
    one.auth.sign_out({"scope": "others"})
    assert one.auth.get_user().user.email == person["email"]
    assert refusal(other.auth.get_user).code == "session_not_found"
    assert refusal(other.auth.refresh_session).code == "session_not_found"


def test_signing_out_everywhere_ends_every_session_and_twice_is_no_error(browser, member, trusting):
    one, person = member()
    other = browser(trusting)
    other.auth.sign_in_with_password(person)
    session = one.auth.get_session()
    one.auth.sign_out()
    assert refusal(other.auth.get_user).code == "session_not_found"
    one.store(session)
    one.auth.sign_out()
    assert one.stored() is None


def test_an_unsubscribed_listener_hears_nothing_more(member):
    one, person = member()
    heard = []
    subscription = one.auth.on_auth_state_change(
        lambda event, session: heard.append((event, session and session.user.email))
    )
    one.auth.refresh_session()
    subscription.unsubscribe()
    one.auth.sign_out()
    assert heard == [("TOKEN_REFRESHED", person["email"])]


def test_whoever_is_not_signed_in_has_nothing_to_refresh_or_to_change(browser, trusting):
    one = browser(trusting)
    assert one.auth.get_session() is None
    assert one.auth.get_user() is None
    assert one.auth.get_claims() is None
    for call in (one.auth.refresh_session, one.auth.reauthenticate, lambda: one.auth.update_user({"data": {}})):
        with pytest.raises(AuthSessionMissingError):
            call()
    one.auth.sign_out()


def test_claims_are_verified_by_the_published_keys_without_asking_who_it_is(browser, member, trusting):
    one, person = member()
    session = one.auth.get_session()
    asked = []
    one.http.event_hooks = {"request": [_remember(asked, one.kind)]}
    claims = one.auth.get_claims()["claims"]
    one.auth.get_claims(session.access_token)
    assert asked == ["/auth/v1/.well-known/jwks.json"], "once: the keys are kept"
    assert (claims["sub"], claims["email"], claims["role"], claims["aal"]) == (session.user.id, person["email"], "authenticated", "aal1")
    assert (claims["iss"], claims["is_anonymous"]) == ("https://auth.example.test/auth/v1", False)
    assert claims["amr"][0]["method"] == "password"

    header, payload, signature = session.access_token.split(".")
    forged = header + "." + payload + "." + ("A" if signature[0] != "A" else "B") + signature[1:]
    with pytest.raises(AuthInvalidJwtError):
        one.auth.get_claims(forged)


def _remember(asked: list[str], kind: str):
    if kind == "sync":
        return lambda request: asked.append(request.url.path)

    async def remember(request) -> None:
        asked.append(request.url.path)

    return remember


def test_a_client_is_closed_by_leaving_its_block(browser, trusting):
    one = browser(trusting)
    one.auth.close()
    assert one.http.is_closed
    with pytest.raises(Exception, match="closed"):
        one.auth.sign_up(somebody())
