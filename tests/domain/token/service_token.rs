//! Service tokens: what passes for one, and that a user's access token never does.

use chrono::{DateTime, Utc};
use edgegate::domain::token::access_token::AccessTokenError as Invalid;
use edgegate::domain::token::service_token::{Right, ServiceTokenError as Error};
use serde_json::{Value, json};

use crate::domain::fixtures::{
    HS256_K, SESSION_ID, base64url, claims, expected_at, from_base64url, now, seconds_later, signing_keys,
};
use crate::support::tokens::{self, OTHER_KEY, OUR_KEY};

fn header() -> Value {
    json!({ "alg": "ES256", "typ": "JWT", "kid": "es-1" })
}

/// Signed with our ES256 key, so whatever is refused is refused for what it says.
fn signed(claims: &Value) -> String {
    tokens::es256(OUR_KEY, &header(), claims)
}

fn verify_at(token: &str, at: DateTime<Utc>) -> Result<(), Error> {
    signing_keys("ES256").verify_service(token, Right::Administer, at)
}

fn verify(token: &str) -> Result<(), Error> {
    verify_at(token, now())
}

#[track_caller]
fn invalid(token: &str, why: Invalid) {
    assert_eq!(verify(token), Err(Error::Invalid(why)), "{token}");
}

fn in_seconds(seconds: i64) -> i64 {
    now().timestamp() + seconds
}

#[test]
fn a_role_is_all_it_takes() {
    for role in ["service_role", "supabase_admin"] {
        assert_eq!(verify(&signed(&json!({ "role": role }))), Ok(()), "{role}");
        let hs256 = json!({ "alg": "HS256", "typ": "JWT", "kid": "hs-1" });
        let token = tokens::hs256(&from_base64url(HS256_K), &hs256, &json!({ "role": role }));
        assert_eq!(verify(&token), Ok(()), "{role}");
    }
}

#[test]
fn what_else_it_says_does_not_matter() {
    for claims in [
        json!({ "role": "service_role", "sub": "billing", "aud": "anybody", "iss": "somebody" }),
        json!({ "role": "service_role", "aud": ["one", "two"], "jti": 1 }),
        json!({ "role": "service_role", "iss": "supabase", "ref": "x", "iat": in_seconds(-9), "exp": in_seconds(9) }),
        json!({ "role": "service_role", "exp": null, "iat": null, "nbf": null }),
    ] {
        assert_eq!(verify(&signed(&claims)), Ok(()), "{claims}");
    }
}

#[test]
fn without_an_end_it_is_good_in_a_hundred_years() {
    let token = signed(&json!({ "role": "service_role" }));
    assert_eq!(verify_at(&token, seconds_later(100 * 366 * 86_400)), Ok(()));
}

#[test]
fn with_an_end_it_is_good_until_then() {
    let token = signed(&json!({ "role": "service_role", "exp": in_seconds(60) }));
    assert_eq!(verify_at(&token, seconds_later(59)), Ok(()));
    assert_eq!(verify_at(&token, seconds_later(60)), Err(Error::Invalid(Invalid::Expired)));
    for exp in [0, -1, i64::MIN, in_seconds(0)] {
        invalid(&signed(&json!({ "role": "service_role", "exp": exp })), Invalid::Expired);
    }
    assert_eq!(verify(&signed(&json!({ "role": "service_role", "exp": i64::MAX }))), Ok(()));
}

#[test]
fn before_its_time_it_is_refused() {
    for claim in ["nbf", "iat"] {
        let at = |seconds: i64| signed(&json!({ "role": "service_role", claim: in_seconds(seconds) }));
        assert_eq!(verify(&at(5)), Ok(()), "clocks may differ");
        invalid(&at(6), Invalid::NotYetValid);
        invalid(&signed(&json!({ "role": "service_role", claim: i64::MAX })), Invalid::NotYetValid);
        assert_eq!(verify(&signed(&json!({ "role": "service_role", claim: i64::MIN }))), Ok(()));
    }
}

#[test]
fn times_of_another_type_are_refused() {
    for claim in ["exp", "nbf", "iat"] {
        for value in [json!("1795383600"), json!(1.5), json!(1e300), json!(true), json!([1]), json!(u64::MAX)] {
            invalid(&signed(&json!({ "role": "service_role", claim: value })), Invalid::Malformed);
        }
    }
}

#[test]
fn another_role_may_not_administer() {
    for role in
        ["authenticated", "anon", "", "Service_Role", "service_role ", " service_role", "service_role\0", "admin", "*"]
    {
        assert_eq!(verify(&signed(&json!({ "role": role }))), Err(Error::Role), "{role:?}");
    }
    for role in [json!(null), json!(1), json!(["service_role"]), json!({ "service_role": true })] {
        invalid(&signed(&json!({ "role": role })), Invalid::Malformed);
    }
    invalid(&signed(&json!({})), Invalid::Malformed);
    invalid(&signed(&json!({ "app_metadata": { "role": "service_role" } })), Invalid::Malformed);
    invalid(&signed(&json!("service_role")), Invalid::Malformed);
    invalid(&signed(&json!(["service_role"])), Invalid::Malformed);
}

/// A session's token is somebody's, whatever role an operator gave that user.
#[test]
fn a_token_of_a_session_is_none_whatever_its_role() {
    for session_id in [json!(SESSION_ID), json!(""), json!(0), json!(false), json!([]), json!({})] {
        let claims = json!({ "role": "service_role", "session_id": session_id });
        assert_eq!(verify(&signed(&claims)), Err(Error::Role), "{claims}");
    }
    let keys = signing_keys("ES256");
    let mut powerful = claims();
    powerful.role = "service_role".to_owned();
    assert_eq!(keys.verify_service(&keys.sign(&powerful), Right::Administer, now()), Err(Error::Role));
    assert_eq!(keys.verify_service(&keys.sign(&claims()), Right::Administer, now()), Err(Error::Role));
}

#[test]
fn a_role_named_twice_is_refused() {
    for payload in [
        r#"{"role":"anon","role":"service_role"}"#,
        r#"{"role":"service_role","role":"anon"}"#,
        r#"{"role":"service_role","exp":1,"exp":9999999999}"#,
        r#"{"role":"service_role","session_id":"x","session_id":null}"#,
    ] {
        let hs256 = r#"{"alg":"HS256","typ":"JWT","kid":"hs-1"}"#;
        let signed = format!("{}.{}", base64url(hs256), base64url(payload));
        let signature = hmac(&from_base64url(HS256_K), signed.as_bytes());
        invalid(&format!("{signed}.{}", base64url(signature)), Invalid::Malformed);
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    use hmac::Mac;
    let mac = <hmac::Hmac<sha2::Sha256> as Mac>::new_from_slice(key).expect("any length");
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

#[test]
fn without_a_signature_of_ours_it_is_refused() {
    let service = json!({ "role": "service_role" });
    for algorithm in ["none", "None", "NONE", ""] {
        let header = json!({ "alg": algorithm, "typ": "JWT", "kid": "es-1" });
        let token = tokens::hs256(b"", &header, &service);
        let (unsigned, _) = token.rsplit_once('.').expect("a signature");
        invalid(&format!("{unsigned}."), Invalid::WrongAlgorithm);
        invalid(&token, Invalid::WrongAlgorithm);
    }
    invalid(&tokens::es256(OTHER_KEY, &header(), &service), Invalid::BadSignature);
    let named = json!({ "alg": "ES256", "typ": "JWT", "kid": "other" });
    invalid(&tokens::es256(OTHER_KEY, &named, &service), Invalid::UnknownKey);
    let public = OUR_KEY[0].as_bytes();
    let confused = json!({ "alg": "HS256", "typ": "JWT", "kid": "es-1" });
    invalid(&tokens::hs256(public, &confused, &service), Invalid::WrongAlgorithm);
    let good = signed(&service);
    let (unsigned, signature) = good.rsplit_once('.').expect("a signature");
    invalid(&format!("{unsigned}."), Invalid::BadSignature);
    invalid(unsigned, Invalid::Malformed);
    let other = signed(&json!({ "role": "anon" }));
    let (other, _) = other.rsplit_once('.').expect("a signature");
    invalid(&format!("{other}.{signature}"), Invalid::BadSignature);
}

/// The memory of verified signatures is one; what a token may do with its signature is asked every
/// time.
#[test]
fn what_is_remembered_of_the_one_does_not_help_the_other() {
    let keys = signing_keys("ES256");
    let (access, service) = (keys.sign(&claims()), signed(&json!({ "role": "service_role", "exp": in_seconds(60) })));
    for _ in 0..3 {
        assert!(keys.verify(&access, &expected_at(now())).is_ok());
        assert_eq!(keys.verify_service(&access, Right::Administer, now()), Err(Error::Role));
        assert_eq!(keys.verify_service(&service, Right::Administer, now()), Ok(()));
        assert_eq!(keys.verify(&service, &expected_at(now())), Err(Invalid::Malformed));
    }
    assert_eq!(
        keys.verify_service(&service, Right::Administer, seconds_later(60)),
        Err(Error::Invalid(Invalid::Expired))
    );
    assert_eq!(keys.verify_service(&service, Right::Administer, now()), Ok(()));
}

#[test]
fn what_is_remembered_under_some_keys_does_not_help_under_others() {
    let token = signed(&json!({ "role": "service_role" }));
    assert_eq!(signing_keys("ES256").verify_service(&token, Right::Administer, now()), Ok(()));
    let hs256 = json!({ "kty": "oct", "alg": "HS256", "kid": "hs-1", "key_ops": ["sign"], "k": HS256_K });
    let others = edgegate::domain::token::access_token::SigningKeys::from_jwks(&json!({ "keys": [hs256] }).to_string());
    let others = others.expect("good keys");
    assert_eq!(others.verify_service(&token, Right::Administer, now()), Err(Error::Invalid(Invalid::UnknownKey)));
}

#[test]
fn an_introspector_introspects_and_administers_nothing() {
    let keys = signing_keys("ES256");
    let token = signed(&json!({ "role": "introspector" }));
    assert_eq!(keys.verify_service(&token, Right::Introspect, now()), Ok(()));
    assert_eq!(keys.verify_service(&token, Right::Administer, now()), Err(Error::Role));
    let administrator = signed(&json!({ "role": "service_role" }));
    assert_eq!(keys.verify_service(&administrator, Right::Introspect, now()), Ok(()));
    let user = signed(&json!({ "role": "authenticated" }));
    assert_eq!(keys.verify_service(&user, Right::Introspect, now()), Err(Error::Role));
}
