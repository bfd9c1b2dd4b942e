//! Access tokens: exact texts of honest ones, and what is remembered of them.
//! `attacks` has forged and changed ones, `form` everything that is not a token at all.

mod attacks;
mod form;

use edgegate::domain::token::access_token::{AccessTokenClaims, AccessTokenError as Error, Expected};
use hmac::{Hmac, Mac};
use jwt_compact::{Algorithm, AlgorithmSignature, alg::Es256, jwk::JsonWebKey};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::domain::fixtures::{
    AUDIENCE, HS256_K, ISSUER, base64url, claims, es256_jwk, expected_at, from_base64url, now, seconds_later,
    signing_keys,
};

const ALGORITHMS: [&str; 3] = ["ES256", "EdDSA", "HS256"];
const HS256_HEADER: &str = r#"{"alg":"HS256","kid":"hs-1","typ":"JWT"}"#;
const ES256_HEADER: &str = r#"{"alg":"ES256","kid":"es-1","typ":"JWT"}"#;

fn verify(token: &str) -> Result<AccessTokenClaims, Error> {
    verify_at(token, now())
}

fn verify_at(token: &str, now: chrono::DateTime<chrono::Utc>) -> Result<AccessTokenClaims, Error> {
    signing_keys("ES256").verify(token, &expected_at(now))
}

#[track_caller]
fn refused(token: &str, error: Error) {
    assert_eq!(verify(token), Err(error), "{token}");
}

fn payload() -> Value {
    serde_json::to_value(claims()).expect("JSON")
}

/// A token of this header and payload, signed as `sign` does.
fn token(header: &str, payload: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", base64url(header), base64url(payload));
    let signature = sign(signed.as_bytes());
    format!("{signed}.{}", base64url(signature))
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("any length");
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

/// Signed with our HS256 key, so whatever is refused is refused for its content.
fn properly_signed(header: &str, payload: &str) -> String {
    token(header, payload, |message| hmac(&from_base64url(HS256_K), message))
}

fn with_payload(payload: &Value) -> String {
    properly_signed(HS256_HEADER, &payload.to_string())
}

fn with_claim(name: &str, value: Value) -> String {
    let mut payload = payload();
    payload[name] = value;
    with_payload(&payload)
}

/// The claim's value as raw JSON text, for numbers that `serde_json` cannot hold.
fn with_raw_claim(name: &str, raw: &str) -> String {
    let mut payload = payload();
    payload[name] = json!("RAW");
    properly_signed(HS256_HEADER, &payload.to_string().replace("\"RAW\"", raw))
}

/// Signed with our ES256 key by plain ES256: its s is as it comes.
fn es256_signature(message: &[u8]) -> Vec<u8> {
    let jwk: JsonWebKey<'_> = serde_json::from_value(es256_jwk("sign")).expect("a key");
    let key = <Es256 as Algorithm>::SigningKey::try_from(&jwk).expect("a key");
    Es256.sign(&key, message).as_bytes().into_owned()
}

/// From `expected_values.py`: the same claims signed by three other implementations.
#[test]
fn signed_tokens_are_those_of_other_implementations() {
    const PAYLOAD: &str = "eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20vYXV0aC92MSIsInN1YiI6IjBlOGUyY2IyLTZhNTQtNGQ5Yy04ZjRlLTRjNWIxZDFmOWExMCIsImF1ZCI6ImF1dGhlbnRpY2F0ZWQiLCJleHAiOjE3OTUzODQyMDAsImlhdCI6MTc5NTM4MzYwMCwianRpIjoiNWYwYzFkZTAtN2MzYS00YzhlLTlkMmItMWI2YTNhN2U0ZjIxIiwiZW1haWwiOiJhbm5AZXhhbXBsZS5jb20iLCJwaG9uZSI6IiIsImFwcF9tZXRhZGF0YSI6eyJwcm92aWRlciI6ImVtYWlsIiwicHJvdmlkZXJzIjpbImVtYWlsIl19LCJ1c2VyX21ldGFkYXRhIjp7Im5hbWUiOiJBbm4ifSwicm9sZSI6ImF1dGhlbnRpY2F0ZWQiLCJhYWwiOiJhYWwxIiwiYW1yIjpbeyJtZXRob2QiOiJwYXNzd29yZCIsInRpbWVzdGFtcCI6MTc5NTM4MzYwMH1dLCJzZXNzaW9uX2lkIjoiOGYxNGU0NWYtY2VlYS00NjdmLWE4YjEtMmYwZDNjNWI3YTk5IiwiaXNfYW5vbnltb3VzIjpmYWxzZX0";
    for (algorithm, header, signature) in [
        (
            "ES256",
            "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVzLTEiLCJ0eXAiOiJKV1QifQ",
            "zzOZUPGcN3gcVQMQcwHaIvEdyQQF_mEK7ix58TPEKl4XJ4nC9uv41H7Ot7FeA-zfJDQXqQGDEuYRBh11Rzhrhw",
        ),
        (
            "EdDSA",
            "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkLTEiLCJ0eXAiOiJKV1QifQ",
            "2A4KkYw5lQgUXS1JdElpp8zqs9aEW82PIHLja2AFiDU-3ZTvNNQT4wpNc0bTfLSezL846PrDhbIDEKP-9ABrDQ",
        ),
        (
            "HS256",
            "eyJhbGciOiJIUzI1NiIsImtpZCI6ImhzLTEiLCJ0eXAiOiJKV1QifQ",
            "PoPfnfmLKXd-WkKCaWjo_WEKvsETtKfXyG72GTgj8BE",
        ),
    ] {
        assert_eq!(signing_keys(algorithm).sign(&claims()), format!("{header}.{PAYLOAD}.{signature}"));
    }
}

#[test]
fn every_key_verifies_whichever_signs() {
    for signs in ALGORITHMS {
        let token = signing_keys(signs).sign(&claims());
        for verifies in ALGORITHMS {
            assert_eq!(signing_keys(verifies).verify(&token, &expected_at(now())), Ok(claims()));
        }
    }
    assert_eq!(verify(&with_payload(&payload())), Ok(claims()), "the one that the refusals below vary is good");
}

/// Claims that a later version may add do not make a token invalid.
#[test]
fn unknown_claims_are_ignored() {
    assert_eq!(verify(&with_claim("scope", json!("openid"))), Ok(claims()));
}

#[test]
fn a_remembered_token_is_still_checked() {
    let keys = signing_keys("ES256");
    let token = keys.sign(&claims());
    for _ in 0..2 {
        assert_eq!(keys.verify(&token, &expected_at(now())), Ok(claims()));
        assert_eq!(keys.verify(&token, &expected_at(seconds_later(600))), Err(Error::Expired));
        assert_eq!(keys.verify(&token, &expected_at(seconds_later(-6))), Err(Error::NotYetValid));
        let elsewhere = Expected { issuer: ISSUER, audience: "other", now: now() };
        assert_eq!(keys.verify(&token, &elsewhere), Err(Error::WrongAudience));
        let elsewhere = Expected { issuer: "other", audience: AUDIENCE, now: now() };
        assert_eq!(keys.verify(&token, &elsewhere), Err(Error::WrongIssuer));
        let (signed, _) = token.rsplit_once('.').expect("dots");
        assert_eq!(
            keys.verify(&format!("{signed}.{}", base64url([1; 64])), &expected_at(now())),
            Err(Error::BadSignature)
        );
        assert!(keys.verify(&format!("{token}="), &expected_at(now())).is_err());
    }
}

/// More tokens than are remembered: each is verified for what it says, first and second time.
#[test]
fn tokens_that_were_forgotten_are_verified_anew() {
    let keys = signing_keys("ES256");
    let tokens: Vec<(String, AccessTokenClaims)> = (0..300)
        .map(|number| {
            let claims = AccessTokenClaims { email: format!("{number}@example.com"), ..claims() };
            (keys.sign(&claims), claims)
        })
        .collect();
    for (token, claims) in tokens.iter().chain(&tokens) {
        assert_eq!(keys.verify(token, &expected_at(now())).as_ref(), Ok(claims));
    }
}

#[test]
fn a_remembered_token_takes_a_fraction_of_the_time() {
    let keys = signing_keys("ES256");
    let token = keys.sign(&claims());
    let timed = || {
        let start = std::time::Instant::now();
        assert!(keys.verify(&token, &expected_at(now())).is_ok());
        start.elapsed()
    };
    let first = timed();
    let later = (0..20).map(|_| timed()).min().expect("twenty runs");
    assert!(later < first / 2, "first {first:?}, later {later:?}");
}

#[test]
fn debug_shows_nothing_of_the_claims() {
    assert_eq!(format!("{:?}", claims()), "AccessTokenClaims(..)");
}

proptest! {
    #[test]
    fn any_claims_come_back(email in "\\PC{0,40}", role in "[a-z_]{0,20}", name: String, number: i64, lifetime in 1..100_000_i64) {
        let claims = AccessTokenClaims {
            email,
            role,
            user_metadata: json!({"name": name, "list": [number, null, true]}),
            exp: now().timestamp() + lifetime,
            ..claims()
        };
        let token = signing_keys("HS256").sign(&claims);
        prop_assert_eq!(verify(&token), Ok(claims));
    }

    #[test]
    fn any_replaced_character_is_noticed(position in 0..2000_usize, character in "[A-Za-z0-9_.-]") {
        for algorithm in ALGORITHMS {
            let token = signing_keys(algorithm).sign(&claims());
            let position = position % token.len();
            let mut changed = token.clone();
            changed.replace_range(position..=position, &character);
            if changed != token {
                prop_assert!(verify(&changed).is_err(), "{}", changed);
            }
        }
    }

    #[test]
    fn any_text_is_refused_without_panic(text in "\\PC{0,80}|[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,90}", json in "\\PC{0,80}") {
        prop_assert!(verify(&text).is_err());
        prop_assert!(verify(&properly_signed(HS256_HEADER, &json)).is_err());
        prop_assert!(verify(&properly_signed(&json, &json)).is_err());
    }
}
