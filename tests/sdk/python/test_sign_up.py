"""Signing up, confirming and signing in with a password."""

import pytest
from clients import refusal
from conftest import CALLBACK, somebody
from mailbox import click
from supabase_auth.errors import AuthInvalidCredentialsError, AuthWeakPasswordError


def test_somebody_signs_up_confirms_by_the_code_and_signs_in_with_the_password(browser, confirming):
    person = somebody()
    first = browser(confirming)
    events = first.events()
    answer = first.auth.sign_up({**person, "options": {"data": {"name": "Ada"}, "email_redirect_to": CALLBACK}})
    assert (answer.session, answer.user.email, answer.user.user_metadata) == (None, person["email"], {"name": "Ada"})
    assert answer.user.email_confirmed_at is None
    code = confirming.mailbox.mail(person["email"]).code
    confirmed = first.auth.verify_otp({"type": "signup", "email": person["email"], "token": code})
    assert confirmed.user.id == answer.user.id
    assert confirmed.user.email_confirmed_at and confirmed.user.identities[0].identity_data["email_verified"]
    assert first.auth.get_session().access_token == confirmed.session.access_token

    second = browser(confirming)
    again = second.auth.sign_in_with_password(person)
    assert (again.user.id, again.session.token_type, again.session.expires_in) == (answer.user.id, "bearer", 600)
    assert again.session.expires_at > 0
    assert events == ["SIGNED_IN"]


def test_the_link_of_the_mail_confirms_by_its_token_as_an_app_s_own_page_hands_it_over(browser, confirming):
    person = somebody()
    one = browser(confirming)
    one.auth.sign_up(person)
    token = confirming.mailbox.mail(person["email"]).token
    assert one.auth.verify_otp({"type": "email", "token_hash": token}).session.user.email == person["email"]
    assert refusal(lambda: one.auth.verify_otp({"type": "email", "token_hash": token})).code == "otp_expired"


def test_where_the_page_behind_the_link_leads_the_client_finds_a_session(browser, confirming):
    person = somebody()
    one = browser(confirming)
    one.auth.sign_up({**person, "options": {"email_redirect_to": CALLBACK}})
    location = click(confirming, confirming.mailbox.mail(person["email"]), password=person["password"])
    assert location.startswith(CALLBACK + "#")
    events = one.events()
    one.auth.initialize_from_url(location)
    assert one.auth.get_session().user.email == person["email"]
    assert events == ["SIGNED_IN"]


def test_signing_up_twice_is_answered_the_same_and_the_owner_is_told(browser, confirming, newcomer):
    _, person = newcomer()
    confirming.let_time_pass("61 seconds")
    answer = browser(confirming).auth.sign_up(person)
    assert (answer.session, answer.user.email, answer.user.role) == (None, person["email"], "authenticated")
    assert confirming.mailbox.mail(person["email"], 2).code == ""


def test_where_addresses_need_no_confirmation_signing_up_signs_in(browser, trusting):
    person = somebody()
    one = browser(trusting)
    events = one.events()
    answer = one.auth.sign_up(person)
    assert answer.session.user.email_confirmed_at
    assert events == ["SIGNED_IN"]
    refused = refusal(lambda: browser(trusting).auth.sign_up(person))
    assert (refused.status, refused.code, refused.message) == (422, "user_already_exists", "User already registered")


def test_the_confirmation_is_mailed_again_a_minute_later_and_then_its_code_works(browser, confirming):
    person = somebody()
    one = browser(confirming)
    one.auth.sign_up(person)
    first = confirming.mailbox.mail(person["email"])
    too_soon = refusal(lambda: one.auth.resend({"type": "signup", "email": person["email"]}))
    assert (too_soon.status, too_soon.code) == (429, "over_email_send_rate_limit")
    confirming.let_time_pass("61 seconds")
    one.auth.resend({"type": "signup", "email": person["email"], "options": {"email_redirect_to": CALLBACK}})
    again = confirming.mailbox.mail(person["email"], 2)
    assert again.token != first.token
    assert one.auth.verify_otp({"type": "signup", "email": person["email"], "token": again.code}).session


def test_a_wrong_code_a_wrong_password_and_an_unconfirmed_address_are_refused(browser, confirming, member, trusting):
    person = somebody()
    one = browser(confirming)
    one.auth.sign_up(person)
    code = confirming.mailbox.mail(person["email"]).code
    wrong = "000000" if code != "000000" else "000001"
    refused = refusal(lambda: one.auth.verify_otp({"type": "signup", "email": person["email"], "token": wrong}))
    assert (refused.status, refused.code, refused.message) == (403, "otp_expired", "Token has expired or is invalid")
    assert refusal(lambda: one.auth.sign_in_with_password(person)).code == "invalid_credentials"
    _, known = member()
    refused = refusal(lambda: browser(trusting).auth.sign_in_with_password({**known, "password": "another one"}))
    assert (refused.status, refused.code, refused.message) == (400, "invalid_credentials", "Invalid login credentials")


def test_a_weak_password_is_refused_with_its_reasons(browser, trusting):
    with pytest.raises(AuthWeakPasswordError) as refused:
        browser(trusting).auth.sign_up({**somebody(), "password": "short"})
    assert (refused.value.status, refused.value.reasons) == (422, ["length"])
    assert refused.value.message.startswith("Password should be at least 8 characters")


def test_what_is_no_address_is_refused_by_the_worker_and_what_lacks_one_by_the_client(browser, trusting):
    one = browser(trusting)
    refused = refusal(lambda: one.auth.sign_up({**somebody(), "email": "nobody"}))
    assert (refused.code, refused.message) == ("email_address_invalid", "Unable to validate email address: invalid format")
    for method in (one.auth.sign_up, one.auth.sign_in_with_password):
        with pytest.raises(AuthInvalidCredentialsError):
            method({"password": "no address"})
