"""Computes the bytes that tests/domain expects, independently of the Rust code that is tested.

Not run by the tests. To run it again: pip install argon2-cffi pycryptodome cryptography, then
python3 expected_values.py. Python's own hashlib and hmac, argon2-cffi, pycryptodome and
cryptography (deterministic ECDSA needs 43 or later) do the work.
"""

import base64
import hashlib
import hmac
import json
import uuid

from argon2.low_level import Type, hash_secret_raw
from Crypto.Cipher import ChaCha20_Poly1305
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

CURRENT_SECRET = b"current-secret-for-tests-0123456789"
PREVIOUS_SECRET = b"previous-secret-for-tests-9876543210"
SESSION_ID = uuid.UUID("8f14e45f-ceea-467f-a8b1-2f0d3c5b7a99")
NOW = 1795383600

# RFC 7515 A.3.1, RFC 8037 A.1, RFC 7515 A.1.1
ES256_D = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
ED25519_D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
HS256_K = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base64_unpadded(data):
    return base64.b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hkdf_sha256(secret, info, length):
    """RFC 5869 without salt."""
    key = hmac.new(bytes(32), secret, "sha256").digest()
    output, block = b"", b""
    while len(output) < length:
        block = hmac.new(key, block + info + bytes([len(output) // 32 + 1]), "sha256").digest()
        output += block
    return output[:length]


def derive(purpose):
    return hkdf_sha256(CURRENT_SECRET, b"edgegate/v1/" + purpose, 32)


KEY_ID = hkdf_sha256(CURRENT_SECRET, b"edgegate/v1/key-id", 4)


def auth_secret():
    print("current key id ", KEY_ID.hex())
    print("previous key id", hkdf_sha256(PREVIOUS_SECRET, b"edgegate/v1/key-id", 4).hex())
    for purpose in (b"refresh-token", b"one-time-code", b"password-pepper", b"mail-sealing", b"rate-limit-key"):
        print(f"{purpose.decode():15}", derive(purpose).hex())


def refresh_token():
    body = b"\x01" + KEY_ID + SESSION_ID.bytes + (7).to_bytes(4, "big")
    mac = hmac.new(derive(b"refresh-token"), b"edgegate refresh token" + body, "sha256").digest()
    print("refresh token  ", base64url(body + mac))


def one_time_token():
    print("link text      ", base64url(bytes(range(32))))
    print("link digest    ", hashlib.sha256(bytes(range(32))).hexdigest())
    message = b"\0".join([b"signup", b"048213", b"ann@example.com", b""])
    print("code digest    ", hmac.new(derive(b"one-time-code"), message, "sha256").hexdigest())


def password_hash():
    password = hmac.new(derive(b"password-pepper"), b"correct horse battery staple", "sha512").digest()
    salt = bytes(range(16))
    end = f"k={KEY_ID.hex()}${base64_unpadded(salt)}$"
    for iterations in (1000, 220_000):
        key = hashlib.pbkdf2_hmac("sha512", password, salt, iterations, 32)
        print(f"$pbkdf2-sha512$i={iterations},l=32,{end}{base64_unpadded(key)}")
    for memory, passes in ((64, 1), (19_456, 2)):
        key = hash_secret_raw(password, salt, passes, memory, 1, 32, Type.ID, 19)
        print(f"$argon2id$v=19$m={memory},t={passes},p=1,{end}{base64_unpadded(key)}")


def sealed():
    prefix, nonce = b"\x01" + KEY_ID, bytes(range(0x40, 0x58))
    cipher = ChaCha20_Poly1305.new(key=derive(b"mail-sealing"), nonce=nonce)
    cipher.update(prefix + b"outbox row 1")
    ciphertext, tag = cipher.encrypt_and_digest(b"the code is 048213")
    print("sealed         ", (prefix + nonce + ciphertext + tag).hex())


def access_token():
    claims = {
        "iss": "https://auth.example.com/auth/v1",
        "sub": "0e8e2cb2-6a54-4d9c-8f4e-4c5b1d1f9a10",
        "aud": "authenticated",
        "exp": NOW + 600,
        "iat": NOW,
        "jti": "5f0c1de0-7c3a-4c8e-9d2b-1b6a3a7e4f21",
        "email": "ann@example.com",
        "phone": "",
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": {"name": "Ann"},
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": NOW}],
        "session_id": str(SESSION_ID),
        "is_anonymous": False,
    }

    def part(value):
        return base64url(json.dumps(value, separators=(",", ":")).encode())

    def es256(message):
        key = ec.derive_private_key(int.from_bytes(from_base64url(ES256_D), "big"), ec.SECP256R1())
        der = key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = utils.decode_dss_signature(der)
        return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")

    def eddsa(message):
        return ed25519.Ed25519PrivateKey.from_private_bytes(from_base64url(ED25519_D)).sign(message)

    def hs256(message):
        return hmac.new(from_base64url(HS256_K), message, "sha256").digest()

    for algorithm, key_id, sign in (("ES256", "es-1", es256), ("EdDSA", "ed-1", eddsa), ("HS256", "hs-1", hs256)):
        signed = part({"alg": algorithm, "kid": key_id, "typ": "JWT"}) + "." + part(claims)
        print(f"{signed}.{base64url(sign(signed.encode()))}")


for compute in (auth_secret, refresh_token, one_time_token, password_hash, sealed, access_token):
    compute()
