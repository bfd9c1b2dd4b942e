"""Signing in without a password: by mail, and anonymously."""

import pytest
from clients import refusal
from conftest import CALLBACK, somebody
from mailbox import click
from supabase_auth.errors import AuthInvalidCredentialsError


def test_a_mailed_code_signs_in_and_makes_the_account_if_there_is_none(browser, confirming):
    email = somebody()["email"]
    one = browser(confirming)
    answer = one.auth.sign_in_with_otp({"email": email, "options": {"data": {"name": "Ada"}}})
    assert (answer.user, answer.session, answer.message_id) == (None, None, None)
    code = confirming.mailbox.mail(email).code
    user = one.auth.verify_otp({"type": "email", "email": email, "token": code}).user
    assert (user.email, user.user_metadata) == (email, {"name": "Ada"})


def test_a_magic_link_signs_in_the_browser_it_is_opened_in(browser, newcomer, confirming):
    _, person = newcomer()
    one = browser(confirming)
    one.auth.sign_in_with_otp({"email": person["email"], "options": {"email_redirect_to": CALLBACK, "should_create_user": False}})
    mail = confirming.mailbox.mail(person["email"], 2)
    one.auth.initialize(url=click(confirming, mail))
    assert one.auth.get_user().user.email == person["email"]


def test_with_pkce_a_magic_link_signs_in_the_browser_that_asked(browser, newcomer, confirming):
    _, person = newcomer()
    one = browser(confirming, flow_type="pkce")
    one.auth.sign_in_with_otp({"email": person["email"], "options": {"email_redirect_to": CALLBACK}})
    code = click(confirming, confirming.mailbox.mail(person["email"], 2)).removeprefix(f"{CALLBACK}?code=")
    assert one.auth.exchange_code_for_session({"auth_code": code}).user.email == person["email"]


def test_an_address_nobody_has_is_answered_the_same_where_no_account_is_to_be_made(browser, confirming):
    answer = browser(confirming).auth.sign_in_with_otp({"email": somebody()["email"], "options": {"should_create_user": False}})
    assert answer.user is None


def test_an_anonymous_account_becomes_a_full_one_and_keeps_its_id(browser, confirming):
    one = browser(confirming)
    events = one.events()
    answer = one.auth.sign_in_anonymously({"options": {"data": {"cart": [1]}}})
    assert (answer.user.is_anonymous, answer.user.email, answer.user.user_metadata) == (True, "", {"cart": [1]})
    assert one.auth.get_claims()["claims"]["is_anonymous"] is True
    assert one.auth.get_user_identities().identities == []
    person = somebody()
    one.auth.update_user(person)
    code = confirming.mailbox.mail(person["email"]).code
    full = one.auth.verify_otp({"type": "email_change", "email": person["email"], "token": code})
    assert (full.user.id, full.user.is_anonymous, full.user.email) == (answer.user.id, False, person["email"])
    again = browser(confirming).auth.sign_in_with_password(person)
    assert (again.user.id, again.user.user_metadata) == (answer.user.id, {"cart": [1]})
    assert events == ["SIGNED_IN", "USER_UPDATED", "SIGNED_IN"]


def test_signing_in_anonymously_takes_nothing_at_all(browser, confirming):
    assert browser(confirming).auth.sign_in_anonymously().session.user.is_anonymous


def test_the_client_itself_asks_for_an_address(browser, confirming):
    one = browser(confirming)
    for call in (lambda: one.auth.sign_in_with_otp({}), lambda: one.auth.resend({"type": "signup"})):
        with pytest.raises(AuthInvalidCredentialsError):
            call()
