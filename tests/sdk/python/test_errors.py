"""Refusals and faults, as the client maps them."""

import time

import pytest
from clients import refusal
from conftest import somebody
from supabase_auth.errors import AuthApiError, AuthRetryableError

PHONE = {"phone": "+15005550006", "password": "a password"}


def test_a_bad_token_is_refused_with_the_code_an_app_knows(browser, trusting):
    refused = refusal(lambda: browser(trusting).auth.get_user("junk"))
    assert (refused.status, refused.code) == (401, "bad_jwt")
    assert refused.message.startswith("invalid JWT: unable to parse or verify signature, ")
    assert refused.to_dict()["name"] == "AuthApiError"


def test_what_is_turned_off_says_so(browser, closed):
    one = browser(closed)
    for call, code in (
        (lambda: one.auth.sign_up(somebody()), "signup_disabled"),
        (lambda: one.auth.sign_in_with_otp({"email": somebody()["email"]}), "otp_disabled"),
    ):
        refused = refusal(call)
        assert (refused.status, refused.code) == (422, code)


def test_anonymous_accounts_are_there_only_where_they_are_offered(browser, trusting):
    refused = refusal(browser(trusting).auth.sign_in_anonymously)
    assert (refused.status, refused.code, refused.message) == (422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")


def test_phone_numbers_are_not_offered(browser, confirming):
    one = browser(confirming)
    for call in (
        lambda: one.auth.sign_up(PHONE),
        lambda: one.auth.sign_in_with_password(PHONE),
        lambda: one.auth.sign_in_with_otp({"phone": PHONE["phone"]}),
        lambda: one.auth.resend({"type": "sms", "phone": PHONE["phone"]}),
        lambda: one.auth.verify_otp({"type": "sms", "phone": PHONE["phone"], "token": "123456"}),
    ):
        refused = refusal(call)
        assert (refused.status in (400, 422), refused.code) == (True, "phone_provider_disabled")


def test_too_many_wrong_passwords_have_to_wait(browser, member, trusting):
    _, person = member()
    one = browser(trusting)
    codes = [refusal(lambda: one.auth.sign_in_with_password({**person, "password": "a guess"})).code for _ in range(7)]
    assert (codes[0], codes[-1]) == ("invalid_credentials", "over_request_rate_limit")


def test_a_worker_that_cannot_be_reached_is_asked_again_later_and_the_session_stays(browser, member):
    one, _ = member()
    session = one.stored()
    one.client._url = one.client.admin._url = "http://127.0.0.1:1/auth/v1"
    for call in (one.auth.refresh_session, one.auth.get_user, one.auth.sign_out):
        with pytest.raises(AuthRetryableError):
            call()
    assert one.stored() == session


def test_while_the_database_is_away_nobody_loses_their_session(browser, member, broken):
    one, person = member()
    session = one.auth.get_session()
    one.store(session.model_copy(update={"expires_at": int(time.time()) - 1}))
    away = browser(broken, storage=one.storage)
    with pytest.raises(AuthRetryableError) as refused:
        away.auth.sign_in_with_password(person)
    assert refused.value.status == 503
    away.auth.initialize_from_storage()
    assert session.refresh_token in one.stored(), "the client is told to ask again, not that the session is over"
    one.auth.initialize_from_storage()
    assert one.auth.get_user().user.email == person["email"]


def test_a_forged_service_token_opens_nothing(browser, trusting):
    stranger = browser(trusting, token="junk")
    refused = refusal(lambda: stranger.auth.admin.delete_user("00000000-0000-4000-8000-000000000000"))
    assert (refused.status, refused.code) == (401, "bad_jwt")


def test_a_user_is_no_administrator(browser, member, trusting):
    one, _ = member()
    session = one.auth.get_session()
    impostor = browser(trusting, token=session.access_token)
    with pytest.raises(AuthApiError) as refused:
        impostor.auth.admin.delete_user(session.user.id)
    assert (refused.value.status, refused.value.code) == (403, "not_admin")
