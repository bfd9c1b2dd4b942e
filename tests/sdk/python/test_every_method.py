"""Looks back at all the calls: whoever adds a method to the client finds here that no test calls
it."""

import inspect

import pytest
from clients import CLIENTS, NAMESPACES, outcomes

DISABLED = {
    "mfa_factor_not_found",  # nobody can have one
    "anonymous_provider_disabled",
    "feature_disabled",
    "manual_linking_disabled",
    "mfa_phone_enroll_not_enabled",
    "mfa_phone_verify_not_enabled",
    "mfa_totp_enroll_not_enabled",
    "mfa_totp_verify_not_enabled",
    "mfa_webauthn_enroll_not_enabled",
    "mfa_webauthn_verify_not_enabled",
    "phone_provider_disabled",
    "provider_disabled",
    "saml_provider_disabled",
    "web3_provider_disabled",
}
"""How the protocol says that something is not offered."""


def methods(target, path: str = "") -> list[str]:
    """Every public method of a client and of its namespaces."""
    found = []
    for name in dir(target):
        if name.startswith("_"):
            continue
        member = getattr(target, name)
        if name in NAMESPACES:
            found += methods(member, f"{path}{name}.")
        elif inspect.isroutine(member):
            found.append(path + name)
    return found


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_every_method_of_the_client_is_called(kind):
    every = methods(CLIENTS[kind](url="http://localhost"))
    called = outcomes[kind]
    answered = [name for name in every if "answered" in called[name]]
    disabled = [name for name in every if name not in answered and called[name] & DISABLED]
    print(f"\nSDK {CLIENTS[kind].__name__}: {len(every)} methods, {len([name for name in every if called[name]])} called, {len(answered)} answered, {len(disabled)} answered as disabled: {', '.join(disabled)}")
    assert len(every) > 40
    missing = {name: sorted(called[name]) for name in every if name not in answered and name not in disabled}
    assert not missing, f"no test calls them with success, or is told that they are disabled: {missing}"
