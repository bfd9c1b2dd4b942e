"""What edgegate does not offer: every such method is answered with the protocol's own "disabled"
error."""

import json
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from clients import refusal
from conftest import CALLBACK
from supabase_auth.errors import AuthSessionMissingError
from supabase_auth.types import CreateOAuthClientParams, UpdateOAuthClientParams

SOME_ID = "00000000-0000-4000-8000-000000000000"


def refused_as(call, status: int, code: str) -> None:
    refused = refusal(call)
    assert (refused.status, refused.code) == (status, code), refused.message


def test_accounts_of_other_providers_cannot_be_used(browser, trusting):
    one = browser(trusting)
    url = one.auth.sign_in_with_oauth({"provider": "github", "options": {"redirect_to": CALLBACK, "scopes": "user"}}).url
    assert parse_qs(urlsplit(url).query)["provider"] == ["github"]
    answer = httpx.get(url)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "validation_failed")
    assert answer.json()["msg"] == "Unsupported provider: provider is not enabled"
    parts = ({"alg": "none"}, {"sub": "1"}, {})
    token = ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    refused_as(lambda: one.auth.sign_in_with_id_token({"provider": "google", "token": token}), 400, "provider_disabled")


def test_accounts_of_other_providers_cannot_be_linked(member):
    one, _ = member()
    refused_as(lambda: one.auth.link_identity({"provider": "github", "options": {"redirect_to": CALLBACK}}), 404, "manual_linking_disabled")
    [identity] = one.auth.get_user_identities().identities
    refused_as(lambda: one.auth.unlink_identity(identity), 404, "manual_linking_disabled")


def test_there_is_no_single_sign_on(browser, trusting):
    one = browser(trusting, flow_type="pkce")
    for credentials in ({"domain": "example.com"}, {"provider_id": SOME_ID}):
        refused = refusal(lambda: one.auth.sign_in_with_sso(credentials))
        assert (refused.status, refused.code, refused.message) == (404, "saml_provider_disabled", "SAML 2.0 is disabled")


def test_there_are_no_second_factors(member):
    one, _ = member()
    mfa = one.auth.mfa
    refused_as(lambda: mfa.enroll({"factor_type": "totp", "friendly_name": "phone"}), 422, "mfa_totp_enroll_not_enabled")
    refused_as(lambda: mfa.enroll({"factor_type": "phone", "phone": "+15005550006"}), 422, "mfa_phone_enroll_not_enabled")
    refused_as(lambda: mfa.challenge({"factor_id": SOME_ID}), 422, "mfa_totp_verify_not_enabled")
    refused_as(lambda: mfa.verify({"factor_id": SOME_ID, "challenge_id": SOME_ID, "code": "123456"}), 422, "mfa_totp_verify_not_enabled")
    refused_as(lambda: mfa.challenge_and_verify({"factor_id": SOME_ID, "code": "123456"}), 422, "mfa_totp_verify_not_enabled")
    # The protocol has no error of its own for this one: of what nobody can have, there is none.
    refused_as(lambda: mfa.unenroll({"factor_id": SOME_ID}), 404, "mfa_factor_not_found")


def test_that_there_is_no_second_factor_can_be_asked(browser, member, trusting):
    one, _ = member()
    factors = one.auth.mfa.list_factors()
    assert (factors.all, factors.totp, factors.phone) == ([], [], [])
    level = one.auth.mfa.get_authenticator_assurance_level()
    assert (level.current_level, level.next_level) == ("aal1", "aal1")
    assert [entry.method for entry in level.current_authentication_methods] == ["password"]
    nobody = browser(trusting)
    assert nobody.auth.mfa.get_authenticator_assurance_level().current_level is None
    with pytest.raises(AuthSessionMissingError):
        nobody.auth.mfa.enroll({"factor_type": "totp"})


def test_no_other_app_can_offer_signing_in_with_an_account_of_here(administrator, trusting):
    clients = administrator(trusting).auth.admin.oauth
    for call in (
        lambda: clients.list_clients(),
        lambda: clients.create_client(CreateOAuthClientParams(client_name="App", redirect_uris=[CALLBACK])),
        lambda: clients.get_client(SOME_ID),
        lambda: clients.update_client(SOME_ID, UpdateOAuthClientParams(client_name="Other")),
        lambda: clients.delete_client(SOME_ID),
        lambda: clients.regenerate_client_secret(SOME_ID),
    ):
        refused_as(call, 404, "feature_disabled")
