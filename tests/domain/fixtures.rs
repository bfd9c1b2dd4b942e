//! What several tests need: secrets, keys published in RFCs, claims, and a moment in time.

use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::{DateTime, TimeDelta, Utc};
use edgegate::domain::session::assurance::AssuranceLevel;
use edgegate::domain::session::session::{AuthenticationMethod, AuthenticationReference};
use edgegate::domain::token::access_token::{AccessTokenClaims, Expected, SigningKeys};
use edgegate::domain::token::auth_secret::AuthSecrets;
use serde_json::json;
use uuid::{Uuid, uuid};

pub const CURRENT_SECRET: &str = "current-secret-for-tests-0123456789";
pub const PREVIOUS_SECRET: &str = "previous-secret-for-tests-9876543210";
pub const FOREIGN_SECRET: &str = "somebody-elses-secret-for-tests-4711";

pub const SESSION_ID: Uuid = uuid!("8f14e45f-ceea-467f-a8b1-2f0d3c5b7a99");
pub const ISSUER: &str = "https://auth.example.com/auth/v1";
pub const AUDIENCE: &str = "authenticated";

/// RFC 7515 §A.3.1.
pub const ES256_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
pub const ES256_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
pub const ES256_D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
/// RFC 8037 §A.1.
pub const ED25519_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
pub const ED25519_D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
/// RFC 7515 §A.1.1.
pub const HS256_K: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

/// 22 November 2026, 21:40 UTC.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_383_600, 0).expect("a time that exists")
}

pub fn seconds_later(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

/// Only the current secret.
pub fn secrets() -> AuthSecrets {
    AuthSecrets::parse(CURRENT_SECRET, &[]).expect("a good secret")
}

/// Only the previous secret: the setting before the rotation that led to [`rotated_secrets`].
pub fn earlier_secrets() -> AuthSecrets {
    AuthSecrets::parse(PREVIOUS_SECRET, &[]).expect("a good secret")
}

/// The current secret and the previous one.
pub fn rotated_secrets() -> AuthSecrets {
    AuthSecrets::parse(CURRENT_SECRET, &[PREVIOUS_SECRET]).expect("good secrets")
}

pub fn foreign_secrets() -> AuthSecrets {
    AuthSecrets::parse(FOREIGN_SECRET, &[]).expect("a good secret")
}

pub fn es256_jwk(operation: &str) -> serde_json::Value {
    json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "es-1", "key_ops": [operation], "x": ES256_X, "y": ES256_Y, "d": ES256_D})
}

pub fn eddsa_jwk(operation: &str) -> serde_json::Value {
    json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "ed-1", "key_ops": [operation], "x": ED25519_X, "d": ED25519_D})
}

pub fn hs256_jwk(operation: &str) -> serde_json::Value {
    json!({"kty": "oct", "alg": "HS256", "kid": "hs-1", "key_ops": [operation], "k": HS256_K})
}

/// All three keys; the one that is named signs.
pub fn jwks(signs: &str) -> String {
    let operation = |algorithm| if algorithm == signs { "sign" } else { "verify" };
    json!({"keys": [
        es256_jwk(operation("ES256")),
        eddsa_jwk(operation("EdDSA")),
        hs256_jwk(operation("HS256")),
    ]})
    .to_string()
}

pub fn signing_keys(signs: &str) -> SigningKeys {
    SigningKeys::from_jwks(&jwks(signs)).expect("good keys")
}

/// Claims of a token that was issued [`now`] and lives for 600 seconds.
pub fn claims() -> AccessTokenClaims {
    AccessTokenClaims {
        iss: ISSUER.to_owned(),
        sub: uuid!("0e8e2cb2-6a54-4d9c-8f4e-4c5b1d1f9a10"),
        aud: AUDIENCE.to_owned(),
        exp: now().timestamp() + 600,
        iat: now().timestamp(),
        jti: uuid!("5f0c1de0-7c3a-4c8e-9d2b-1b6a3a7e4f21"),
        email: "ann@example.com".to_owned(),
        phone: String::new(),
        app_metadata: json!({"provider": "email", "providers": ["email"]}),
        user_metadata: json!({"name": "Ann"}),
        role: "authenticated".to_owned(),
        aal: AssuranceLevel::Aal1,
        amr: vec![AuthenticationReference { method: AuthenticationMethod::Password, timestamp: now() }],
        session_id: SESSION_ID,
        is_anonymous: false,
    }
}

pub fn expected_at(now: DateTime<Utc>) -> Expected<'static> {
    Expected { issuer: ISSUER, audience: AUDIENCE, now }
}

pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

pub fn from_base64url(text: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text).expect("base64url")
}

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

pub fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal"))
        .collect()
}
