"""The signed-in user: reading, changing, proving again who it is."""

from clients import refusal
from conftest import CALLBACK, somebody
from supabase_auth.errors import AuthWeakPasswordError
import pytest

from mailbox import click


def test_the_user_is_whole(member):
    one, person = member()
    user = one.auth.get_user().user
    assert (user.email, user.phone, user.aud, user.role, user.is_anonymous) == (person["email"], "", "authenticated", "authenticated", False)
    assert user.app_metadata == {"provider": "email", "providers": ["email"]}
    assert user.created_at and user.updated_at and user.last_sign_in_at and user.confirmed_at
    [identity] = one.auth.get_user_identities().identities
    assert (identity.provider, identity.user_id, identity.id) == ("email", user.id, user.id)
    assert identity.identity_data["email"] == person["email"]


def test_metadata_is_merged_and_the_session_keeps_up(member):
    one, _ = member()
    events = one.events()
    one.auth.update_user({"data": {"name": "Ada", "theme": "dark"}})
    changed = one.auth.update_user({"data": {"theme": "light"}, "email": None, "password": None})
    assert changed.user.user_metadata == {"name": "Ada", "theme": "light"}
    assert one.auth.get_session().user.user_metadata == {"name": "Ada", "theme": "light"}
    assert events == ["USER_UPDATED", "USER_UPDATED"]


def test_a_new_password_takes_the_current_one_and_ends_the_other_sessions(browser, member, trusting):
    one, person = member()
    other = browser(trusting)
    other.auth.sign_in_with_password(person)
    new = somebody()["password"]
    assert refusal(lambda: one.auth.update_user({"password": new})).code == "current_password_required"
    wrong = refusal(lambda: one.auth.update_user({"password": new, "current_password": "not this one"}))
    assert wrong.code == "current_password_invalid"
    same = refusal(lambda: one.auth.update_user({"password": person["password"], "current_password": person["password"]}))
    assert (same.status, same.code) == (422, "same_password")
    with pytest.raises(AuthWeakPasswordError):
        one.auth.update_user({"password": "short", "current_password": person["password"]})
    one.auth.update_user({"password": new, "current_password": person["password"]})
    assert refusal(other.auth.get_user).code == "session_not_found"
    assert refusal(lambda: other.auth.sign_in_with_password(person)).code == "invalid_credentials"
    assert other.auth.sign_in_with_password({**person, "password": new}).session


def test_a_mailed_code_proves_again_who_it_is(member, trusting):
    one, person = member()
    assert one.auth.reauthenticate().user is None
    nonce = trusting.mailbox.mail(person["email"]).code
    new = somebody()["password"]
    wrong = "000000" if nonce != "000000" else "000001"
    refused = refusal(lambda: one.auth.update_user({"password": new, "nonce": wrong}))
    assert (refused.status, refused.code) == (422, "reauthentication_not_valid")
    one.auth.update_user({"password": new, "nonce": nonce})
    assert one.auth.sign_in_with_password({**person, "password": new}).session


def test_a_new_address_counts_once_both_mailboxes_agreed(newcomer, confirming):
    one, person = newcomer()
    new = somebody()["email"]
    asked = one.auth.update_user({"email": new}, {"email_redirect_to": CALLBACK})
    assert (asked.user.email, asked.user.new_email) == (person["email"], new)
    first = one.auth.verify_otp({"type": "email_change", "email": new, "token": confirming.mailbox.mail(new).code})
    assert (first.user, first.session) == (None, None)
    old_code = confirming.mailbox.mail(person["email"], 2).code
    second = one.auth.verify_otp({"type": "email_change", "email": person["email"], "token": old_code})
    assert (second.user.email, second.user.new_email) == (new, None)
    assert one.auth.get_user().user.email == new
    assert one.auth.refresh_session().user.email == new


def test_the_mail_to_a_new_address_is_sent_again_a_minute_later(newcomer, confirming):
    one, person = newcomer()
    new = somebody()["email"]
    one.auth.update_user({"email": new})
    confirming.mailbox.mail(new)
    confirming.let_time_pass("61 seconds")
    one.auth.resend({"type": "email_change", "email": person["email"]})
    code = confirming.mailbox.mail(new, 2).code
    assert one.auth.verify_otp({"type": "email_change", "email": new, "token": code}).user is None


def test_with_pkce_the_link_to_a_new_address_leads_back_with_a_code(newcomer, confirming):
    one, person = newcomer(flow_type="pkce")
    new = somebody()["email"]
    one.auth.update_user({"email": new}, {"email_redirect_to": CALLBACK})
    old_code = confirming.mailbox.mail(person["email"], 2).code
    assert one.auth.verify_otp({"type": "email_change", "email": person["email"], "token": old_code}).user is None
    code = click(confirming, confirming.mailbox.mail(new)).removeprefix(f"{CALLBACK}?code=")
    assert one.auth.exchange_code_for_session({"auth_code": code}).user.email == new


def test_only_an_operator_changes_what_the_app_says_of_a_user(member):
    one, _ = member()
    refused = refusal(lambda: one.auth.update_user({"app_metadata": {"admin": True}}))
    assert (refused.status, refused.code) == (403, "not_admin")
