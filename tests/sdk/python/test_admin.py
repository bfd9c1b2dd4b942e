"""What a program of the operator's does with its service token."""

import uuid

import pytest
from clients import refusal
from conftest import CALLBACK, somebody

BCRYPT = {"password": "abc123xyz", "hash": "$2a$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"}
"""Wikipedia's example of bcrypt."""


def test_an_operator_makes_finds_changes_and_deletes_accounts(browser, administrator, trusting):
    admin = administrator(trusting).auth.admin
    person = somebody()
    made = admin.create_user({**person, "email_confirm": True, "user_metadata": {"name": "Ada"}, "app_metadata": {"plan": "free"}}).user
    assert (made.email, made.user_metadata["name"], made.app_metadata["plan"]) == (person["email"], "Ada", "free")
    assert made.email_confirmed_at
    assert admin.get_user_by_id(made.id).user.email == person["email"]
    assert browser(trusting).auth.sign_in_with_password(person).user.id == made.id

    new = somebody()
    changed = admin.update_user_by_id(made.id, {**new, "user_metadata": {"name": "Grace"}, "app_metadata": {"plan": "paid"}}).user
    assert (changed.email, changed.user_metadata["name"], changed.app_metadata["plan"]) == (new["email"], "Grace", "paid")
    assert refusal(lambda: browser(trusting).auth.sign_in_with_password(person)).code == "invalid_credentials"
    assert browser(trusting).auth.sign_in_with_password(new).user.id == made.id

    admin.delete_user(made.id)
    gone = refusal(lambda: admin.get_user_by_id(made.id))
    assert (gone.status, gone.code) == (404, "user_not_found")
    assert refusal(lambda: browser(trusting).auth.sign_in_with_password(new)).code == "invalid_credentials"


def test_an_account_may_come_with_its_id_and_the_hash_of_its_password(browser, administrator, trusting):
    admin = administrator(trusting).auth.admin
    identity, email = str(uuid.uuid4()), somebody()["email"]
    made = admin.create_user({"id": identity, "email": email, "email_confirm": True, "password_hash": BCRYPT["hash"]}).user
    assert made.id == identity
    assert browser(trusting).auth.sign_in_with_password({"email": email, "password": BCRYPT["password"]}).user.id == identity


def test_accounts_are_listed_page_by_page(administrator, trusting):
    admin = administrator(trusting).auth.admin
    made = {admin.create_user({**somebody(), "email_confirm": True}).user.id for _ in range(4)}
    assert made <= {user.id for user in admin.list_users(per_page=1000)}
    assert len(admin.list_users()) >= len(made), "of a page of the usual size"
    pages = [admin.list_users(page, 2) for page in (1, 2)]
    assert [len(page) for page in pages] == [2, 2]
    assert len({user.id for page in pages for user in page}) == 4, "nobody stands on two pages"


def test_a_banned_user_is_signed_out_and_cannot_come_back_until_the_ban_is_lifted(administrator, member, trusting):
    one, person = member()
    admin = administrator(trusting).auth.admin
    identity = one.auth.get_user().user.id
    banned = admin.update_user_by_id(identity, {"ban_duration": "24h"}).user
    assert banned.banned_until
    assert refusal(one.auth.get_user).code in ("user_banned", "session_not_found")
    refused = refusal(lambda: one.auth.sign_in_with_password(person))
    assert (refused.status, refused.code) == (400, "user_banned")
    assert admin.update_user_by_id(identity, {"ban_duration": "none"}).user.banned_until is None
    assert one.auth.sign_in_with_password(person).session


def test_an_address_is_taken_once(administrator, trusting):
    admin = administrator(trusting).auth.admin
    person = somebody()
    admin.create_user({**person, "email_confirm": True})
    refused = refusal(lambda: admin.create_user({**person, "email_confirm": True}))
    assert (refused.status, refused.code) == (422, "email_exists")


def test_somebody_invited_gets_a_mail_whose_code_signs_in(browser, administrator, confirming):
    admin = administrator(confirming).auth.admin
    email = somebody()["email"]
    invited = admin.invite_user_by_email(email, {"data": {"name": "Ada"}, "redirect_to": CALLBACK}).user
    assert (invited.email, invited.user_metadata["name"], bool(invited.invited_at)) == (email, "Ada", True)
    one = browser(confirming)
    code = confirming.mailbox.mail(email).code
    assert one.auth.verify_otp({"type": "invite", "email": email, "token": code}).user.id == invited.id


@pytest.mark.parametrize("kind_of_link", ["signup", "invite", "magiclink", "recovery"])
def test_a_link_made_by_an_operator_signs_in_and_is_not_mailed(browser, administrator, confirming, kind_of_link):
    admin = administrator(confirming).auth.admin
    person = somebody()
    if kind_of_link in ("magiclink", "recovery"):
        admin.create_user({**person, "email_confirm": True})
    asked = {"type": kind_of_link, "email": person["email"], "options": {"redirect_to": CALLBACK}}
    if kind_of_link == "signup":
        asked["password"] = person["password"]
    link = admin.generate_link(asked)
    made = link.properties
    assert (made.verification_type, made.redirect_to, link.user.email) == (kind_of_link, CALLBACK, person["email"])
    assert link.properties.action_link.startswith("https://auth.example.test/auth/v1/verify?")
    session = browser(confirming).auth.verify_otp({"type": kind_of_link, "token_hash": link.properties.hashed_token}).session
    assert session.user.email == person["email"]
    other = admin.generate_link({"type": "magiclink", "email": person["email"]}).properties.email_otp
    assert browser(confirming).auth.verify_otp({"type": "email", "email": person["email"], "token": other}).session


def test_a_change_of_address_made_by_an_operator_takes_both_links(administrator, browser, confirming):
    admin = administrator(confirming).auth.admin
    person, new = somebody(), somebody()["email"]
    admin.create_user({**person, "email_confirm": True})
    tokens = [
        admin.generate_link({"type": kind, "email": person["email"], "new_email": new}).properties.hashed_token
        for kind in ("email_change_current", "email_change_new")
    ]
    one = browser(confirming)
    assert one.auth.verify_otp({"type": "email_change", "token_hash": tokens[0]}).user is None
    assert one.auth.verify_otp({"type": "email_change", "token_hash": tokens[1]}).user.email == new


def test_an_operator_signs_a_user_out_by_their_token(administrator, browser, member, trusting):
    one, person = member()
    other = browser(trusting)
    other.auth.sign_in_with_password(person)
    operator = administrator(trusting).auth.admin
    operator.sign_out(one.auth.get_session().access_token, "others")
    assert refusal(other.auth.get_user).code == "session_not_found"
    operator.sign_out(one.auth.get_session().access_token)
    assert refusal(one.auth.get_user).code == "session_not_found"


def test_nobody_has_a_second_factor_to_look_at_or_to_take_away(administrator, member, trusting):
    one, _ = member()
    identity = one.auth.get_user().user.id
    mfa = administrator(trusting).auth.admin.mfa
    assert mfa.list_factors({"user_id": identity}) == []
    refused = refusal(lambda: mfa.delete_factor({"user_id": identity, "id": identity}))
    assert (refused.status, refused.code) == (404, "mfa_factor_not_found")


def test_what_is_no_id_is_refused_by_the_client(administrator, trusting):
    admin = administrator(trusting).auth.admin
    for call in (
        lambda: admin.get_user_by_id("junk"),
        lambda: admin.delete_user("junk"),
        lambda: admin.update_user_by_id("junk", {}),
    ):
        with pytest.raises(ValueError, match="uuid"):
            call()


def test_the_client_for_operators_can_be_closed_by_itself(administrator, trusting):
    one = administrator(trusting)
    one.auth.admin.close()
    assert one.http.is_closed
