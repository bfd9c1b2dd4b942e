"""Computes the hashes of other systems that tests/domain/credential/foreign_hash expects, with
those systems' own libraries.

Not run by the tests. To run it again, in a throw-away environment:
    pip install django==5.2.19 werkzeug==3.1.9 passlib==1.7.4 argon2-cffi==25.1.0 'bcrypt==4.0.1'
    python3 expected_hashes.py
Salts are fixed so that it prints the same each time. The rows of Firebase and better-auth are made
by expected_hashes.mjs.
"""

import argon2
import bcrypt
import django
import passlib.hash as passlib
from argon2.low_level import Type, hash_secret
from django.conf import settings
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    BCryptPasswordHasher,
    BCryptSHA256PasswordHasher,
    PBKDF2PasswordHasher,
    PBKDF2SHA1PasswordHasher,
    ScryptPasswordHasher,
)
from werkzeug import security

settings.configure()
django.setup()

PASSWORD = "correct horse battery staple"
UNICODE = "пароль 🔑 café"
LONG = "a" * 71 + "bcd"
BCRYPT_SALT = b"$2b$04$abcdefghijklmnopqrstuu"
TEXT_SALT = "Ab3dEf6hIj9lMn2p"
BYTE_SALT = bytes(range(16))


def show(name, text):
    print(f'const {name}: &str = "{text}";')


def bcrypt_hashes():
    show("BCRYPT_2B", bcrypt.hashpw(PASSWORD.encode(), BCRYPT_SALT).decode())
    show("BCRYPT_2A", bcrypt.hashpw(PASSWORD.encode(), b"$2a" + BCRYPT_SALT[3:]).decode())
    show("BCRYPT_2Y", passlib.bcrypt.using(rounds=4, ident="2y", salt="abcdefghijklmnopqrstuu").hash(PASSWORD))
    show("BCRYPT_COST_10", bcrypt.hashpw(PASSWORD.encode(), b"$2b$10" + BCRYPT_SALT[6:]).decode())
    show("BCRYPT_UNICODE", bcrypt.hashpw(UNICODE.encode(), BCRYPT_SALT).decode())
    show("BCRYPT_LONG", bcrypt.hashpw(LONG.encode(), BCRYPT_SALT).decode())
    show("DJANGO_BCRYPT", BCryptPasswordHasher().encode(PASSWORD, BCRYPT_SALT))
    show("DJANGO_BCRYPT_SHA256", BCryptSHA256PasswordHasher().encode(PASSWORD, BCRYPT_SALT))
    sha256 = passlib.bcrypt_sha256.using(rounds=4, salt="abcdefghijklmnopqrstuu")
    show("PASSLIB_BCRYPT_SHA256", sha256.hash(PASSWORD))
    show("PASSLIB_BCRYPT_SHA256_V1", sha256.using(version=1).hash(PASSWORD))


def argon2_hashes():
    for name, kind, version in (("ARGON2ID", Type.ID, 19), ("ARGON2I", Type.I, 19), ("ARGON2D", Type.D, 19), ("ARGON2I_V16", Type.I, 16)):
        show(name, hash_secret(PASSWORD.encode(), BYTE_SALT, 2, 256, 2, 32, kind, version).decode())
    show("ARGON2_CFFI_DEFAULT", argon2.PasswordHasher().hash(PASSWORD, salt=BYTE_SALT))
    show("PASSLIB_ARGON2", passlib.argon2.using(salt=BYTE_SALT, memory_cost=256, rounds=2).hash(PASSWORD))
    django_hasher = Argon2PasswordHasher()
    django_hasher.memory_cost, django_hasher.parallelism = 256, 2
    show("DJANGO_ARGON2", django_hasher.encode(PASSWORD, TEXT_SALT))
    show("DJANGO_ARGON2_DEFAULT", Argon2PasswordHasher().encode(PASSWORD, TEXT_SALT))


def scrypt_hashes():
    show("PASSLIB_SCRYPT", passlib.scrypt.using(rounds=4, salt=BYTE_SALT).hash(PASSWORD))
    show("PASSLIB_SCRYPT_DEFAULT", passlib.scrypt.using(salt=BYTE_SALT).hash(PASSWORD))
    security.gen_salt = lambda length: TEXT_SALT
    show("WERKZEUG_SCRYPT", security.generate_password_hash(PASSWORD, "scrypt:1024:8:1"))
    show("WERKZEUG_SCRYPT_DEFAULT", security.generate_password_hash(PASSWORD))
    show("DJANGO_SCRYPT", ScryptPasswordHasher().encode(PASSWORD, TEXT_SALT, n=16))
    show("DJANGO_SCRYPT_DEFAULT", ScryptPasswordHasher().encode(PASSWORD, TEXT_SALT))


def pbkdf2_hashes():
    show("DJANGO_PBKDF2_SHA256", PBKDF2PasswordHasher().encode(PASSWORD, TEXT_SALT, 1000))
    show("DJANGO_PBKDF2_UNICODE", PBKDF2PasswordHasher().encode(UNICODE, TEXT_SALT, 1000))
    show("DJANGO_PBKDF2_SHA1", PBKDF2SHA1PasswordHasher().encode(PASSWORD, TEXT_SALT, 1000))
    show("DJANGO_PBKDF2_DEFAULT", PBKDF2PasswordHasher().encode(PASSWORD, TEXT_SALT))
    for name, method in (("SHA1", passlib.pbkdf2_sha1), ("SHA256", passlib.pbkdf2_sha256), ("SHA512", passlib.pbkdf2_sha512)):
        show(f"PASSLIB_PBKDF2_{name}", method.using(rounds=1000, salt=BYTE_SALT).hash(PASSWORD))
    show("PASSLIB_PBKDF2_SHA512_DEFAULT", passlib.pbkdf2_sha512.using(salt=BYTE_SALT).hash(PASSWORD))
    for name in ("sha1", "sha256", "sha512"):
        show(f"WERKZEUG_PBKDF2_{name.upper()}", security.generate_password_hash(PASSWORD, f"pbkdf2:{name}:1000"))
    show("WERKZEUG_PBKDF2_DEFAULT", security.generate_password_hash(PASSWORD, "pbkdf2"))


for compute in (bcrypt_hashes, argon2_hashes, scrypt_hashes, pbkdf2_hashes):
    compute()
