"""Recovering an account, and PKCE across two browsers."""

from clients import refusal
from conftest import CALLBACK, somebody
from mailbox import click


def test_the_mailed_code_recovers_and_a_new_password_needs_no_old_one(browser, newcomer, confirming):
    _, person = newcomer()
    one = browser(confirming)
    events = one.events()
    one.auth.reset_password_for_email(person["email"], {"redirect_to": CALLBACK})
    code = confirming.mailbox.mail(person["email"], 2).code
    assert one.auth.verify_otp({"type": "recovery", "email": person["email"], "token": code}).session
    new = somebody()["password"]
    one.auth.update_user({"password": new})
    assert one.auth.sign_in_with_password({**person, "password": new}).session
    assert events == ["PASSWORD_RECOVERY", "USER_UPDATED", "SIGNED_IN"]


def test_the_page_behind_the_link_takes_a_new_password_and_leads_back_signed_in(browser, newcomer, confirming):
    _, person = newcomer()
    one = browser(confirming)
    one.auth.reset_password_email(person["email"], {"redirect_to": CALLBACK})
    new = somebody()["password"]
    location = click(confirming, confirming.mailbox.mail(person["email"], 2), password=new)
    events = one.events()
    one.auth.initialize(url=location)
    assert one.auth.get_user().user.email == person["email"]
    # Not "PASSWORD_RECOVERY", upon which the app would ask for a new password once more.
    assert events == ["SIGNED_IN"]
    assert browser(confirming).auth.sign_in_with_password({**person, "password": new}).session


def test_recovering_an_address_nobody_has_is_answered_the_same(browser, confirming):
    assert browser(confirming).auth.reset_password_for_email(somebody()["email"]) is None


def test_with_pkce_only_the_browser_that_asked_recovers_with_the_code_the_link_leads_to(browser, newcomer, confirming):
    _, person = newcomer()
    one = browser(confirming, flow_type="pkce")
    events = one.events()
    one.auth.reset_password_for_email(person["email"], {"redirect_to": CALLBACK})
    location = click(confirming, confirming.mailbox.mail(person["email"], 2))
    assert location.startswith(f"{CALLBACK}?code=")
    code = location.removeprefix(f"{CALLBACK}?code=")

    other = browser(confirming, flow_type="pkce")
    other.auth.reset_password_for_email(somebody()["email"])
    assert refusal(lambda: other.auth.exchange_code_for_session({"auth_code": code})).code == "bad_code_verifier"
    assert one.auth.exchange_code_for_session({"auth_code": code}).user.email == person["email"]
    one.auth.update_user({"password": somebody()["password"]})
    assert events == ["PASSWORD_RECOVERY", "USER_UPDATED"]


def test_a_code_is_exchanged_once_and_junk_is_none(browser, confirming):
    one = browser(confirming, flow_type="pkce")
    person = somebody()
    one.auth.sign_up({**person, "options": {"email_redirect_to": CALLBACK}})
    verifier = _verifier(one)
    code = click(confirming, confirming.mailbox.mail(person["email"])).removeprefix(f"{CALLBACK}?code=")
    assert refusal(lambda: browser(confirming).auth.sign_in_with_password(person)).code == "invalid_credentials"
    assert one.auth.exchange_code_for_session({"auth_code": code, "code_verifier": verifier}).user.email_confirmed_at
    again = refusal(lambda: one.auth.exchange_code_for_session({"auth_code": code, "code_verifier": verifier}))
    assert (again.status, again.code) == (400, "flow_state_already_used")
    junk = refusal(lambda: one.auth.exchange_code_for_session({"auth_code": "junk", "code_verifier": verifier}))
    assert (junk.status, junk.code) == (404, "flow_state_not_found")


def _verifier(one) -> str:
    """What the client keeps for the exchange."""
    return next(value for key, value in one.storage.storage.items() if key.endswith("-code-verifier"))
