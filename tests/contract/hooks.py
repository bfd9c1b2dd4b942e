"""What schemathesis needs to know besides the document: whose calls these are. A case gets a token
of a user who exists at that moment, since an earlier case may have signed out, deleted or banned
them; and a network of its own, since limits per network are no part of what is tested here."""

import base64
import hashlib
import hmac
import itertools
import os
import secrets
import time

import requests
import schemathesis

URL = os.environ["CONTRACT_URL"]
SERVICE_TOKEN = os.environ["CONTRACT_SERVICE_TOKEN"]
WEBHOOK_SECRET = os.environ["CONTRACT_WEBHOOK_SECRET"]

ENDING = {("post", "/logout"), ("delete", "/user"), ("delete", "/sessions/{id}")}
"""Calls after which the token is worth nothing."""

_networks = itertools.count(1)


def network() -> str:
    """An address that no call came from yet. 198.18.0.0/15 is nobody's (RFC 2544)."""
    count = next(_networks)
    return f"198.18.{count // 250 % 256}.{count % 250 + 1}"


def sign_up(body: dict) -> str:
    """An access token of somebody new."""
    answer = requests.post(f"{URL}/signup", json=body, headers={"cf-connecting-ip": network()}, timeout=30)
    answer.raise_for_status()
    return answer.json()["access_token"]


def somebody() -> dict:
    return {"email": f"{secrets.token_hex(8)}@example.com", "password": secrets.token_urlsafe(12)}


_regular: str | None = None


def user_token(operation) -> str:
    """Of a user with an address, who lasts until somebody ends them; of an anonymous one, whom it
    costs no hash to make, where the call is the last that they make."""
    global _regular
    if (operation.method.lower(), operation.path) in ENDING:
        return sign_up({})
    if _regular is None or requests.get(f"{URL}/user", headers={"authorization": f"Bearer {_regular}"}, timeout=30).status_code != 200:
        _regular = sign_up(somebody())
    return _regular


@schemathesis.auth(refresh_interval=None)
class Token:
    """`Authorization` of whoever may call the operation."""

    def get(self, case, context):
        schemes = {name for requirement in context.operation.definition.raw.get("security", []) for name in requirement}
        if "service" in schemes:
            return SERVICE_TOKEN
        return user_token(context.operation) if "bearer" in schemes else None

    def set(self, case, data, context):
        if data is not None:
            case.headers["Authorization"] = f"Bearer {data}"


class Signature(requests.auth.AuthBase):
    """As Resend signs its reports:
    <https://docs.svix.com/receiving/verifying-payloads/how-manual>."""

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        identifier, at = f"msg_{secrets.token_hex(8)}", str(int(time.time()))
        key = base64.b64decode(WEBHOOK_SECRET.removeprefix("whsec_"))
        mac = hmac.new(key, f"{identifier}.{at}.".encode() + body, hashlib.sha256)
        request.headers["svix-id"] = identifier
        request.headers["svix-timestamp"] = at
        request.headers["svix-signature"] = f"v1,{base64.b64encode(mac.digest()).decode()}"
        return request


schemathesis.auth.set_from_requests(Signature()).apply_to(path="/mail/events")


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers["cf-connecting-ip"] = network()
    if case.operation.path == "/verify/confirm":
        case.headers["sec-fetch-site"] = "same-origin"  # the form is taken from its own page only
