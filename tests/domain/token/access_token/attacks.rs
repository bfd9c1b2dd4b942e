//! Tokens that somebody made up or changed. Each is refused with the error that says why.

use edgegate::domain::credential::one_time_token::LinkToken;
use edgegate::domain::token::access_token::{AccessTokenError as Error, Expected, SigningKeys};
use edgegate::domain::token::refresh_token::RefreshToken;
use serde_json::json;

use crate::domain::fixtures::{
    AUDIENCE, ES256_X, ES256_Y, ISSUER, SESSION_ID, base64url, claims, es256_jwk, expected_at, from_base64url,
    hs256_jwk, now, seconds_later, secrets, signing_keys,
};
use crate::domain::token::access_token::{
    ES256_HEADER, HS256_HEADER, es256_signature, hmac, payload, properly_signed, refused, token, verify, verify_at,
    with_claim, with_payload, with_raw_claim,
};

#[test]
fn t01_no_algorithm_and_no_signature_are_refused() {
    for algorithm in ["none", "None", "nOnE", "NONE", ""] {
        let header = json!({"alg": algorithm, "kid": "es-1", "typ": "JWT"}).to_string();
        let good = token(&header, &payload().to_string(), es256_signature);
        refused(&good, Error::WrongAlgorithm);
        let (signed, _) = good.rsplit_once('.').expect("dots");
        refused(&format!("{signed}."), Error::WrongAlgorithm);
        refused(signed, Error::Malformed);
    }
    let good = with_payload(&payload());
    let (signed, _) = good.rsplit_once('.').expect("dots");
    refused(&format!("{signed}."), Error::BadSignature);
    refused(signed, Error::Malformed);
}

#[test]
fn t02_a_public_key_is_no_shared_secret() {
    let x = from_base64url(ES256_X);
    let y = from_base64url(ES256_Y);
    let point = [&[4], x.as_slice(), &y].concat();
    // SubjectPublicKeyInfo of P-256: a fixed prefix and the point.
    let der = [
        &[
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
            0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ][..],
        &point,
    ]
    .concat();
    let base64 = <base64ct::Base64 as base64ct::Encoding>::encode_string(&der);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----", &base64[..64], &base64[64..]);
    let mut jwk = es256_jwk("verify");
    jwk.as_object_mut().expect("an object").remove("d");
    let secrets = [
        x.clone(),
        point,
        der,
        pem.clone().into_bytes(),
        format!("{pem}\n").into_bytes(),
        jwk.to_string().into_bytes(),
        signing_keys("ES256").public_jwks().as_bytes().to_vec(),
        Vec::new(),
    ];
    for secret in secrets {
        let sign = |message: &[u8]| hmac(&secret, message);
        refused(
            &token(r#"{"alg":"HS256","kid":"es-1","typ":"JWT"}"#, &payload().to_string(), sign),
            Error::WrongAlgorithm,
        );
        refused(&token(HS256_HEADER, &payload().to_string(), sign), Error::BadSignature);
    }
}

#[test]
fn t03_an_algorithm_that_is_not_the_keys_is_refused() {
    for (key_id, algorithm) in [
        ("es-1", "ES384"),
        ("es-1", "ES256K"),
        ("es-1", "RS256"),
        ("es-1", "PS256"),
        ("es-1", "EdDSA"),
        ("ed-1", "Ed25519"),
        ("ed-1", "ES256"),
        ("hs-1", "HS384"),
        ("es-1", "es256"),
        ("hs-1", "ES256"),
        ("hs-1", "HS256 "),
    ] {
        let header = json!({"alg": algorithm, "kid": key_id, "typ": "JWT"}).to_string();
        refused(&properly_signed(&header, &payload().to_string()), Error::WrongAlgorithm);
    }
    for algorithm in [json!(["HS256"]), json!(1), json!(null), json!(true), json!({"alg": "HS256"})] {
        let header = json!({"alg": algorithm, "kid": "hs-1", "typ": "JWT"}).to_string();
        refused(&properly_signed(&header, &payload().to_string()), Error::Malformed);
    }
}

#[test]
fn t04_signatures_that_were_changed_are_refused() {
    let good = token(ES256_HEADER, &payload().to_string(), es256_signature);
    assert_eq!(verify(&good), Ok(claims()), "the one that is varied is good");
    let (signed, signature) = good.rsplit_once('.').expect("dots");
    let signature = from_base64url(signature);
    let der = [&[0x30, 0x44, 0x02, 0x20], &signature[..32], &[0x02, 0x20], &signature[32..]].concat();
    for changed in [
        vec![0; 64],
        vec![0xff; 64],
        signature[..63].to_vec(),
        signature[..32].to_vec(),
        [&signature, &[0][..]].concat(),
        [&[0], &signature[..]].concat(),
        der,
    ] {
        refused(&format!("{signed}.{}", base64url(changed)), Error::BadSignature);
    }
}

/// One of the two valid signatures only. Deterministic ES256 gives a high s for about half of all
/// messages.
#[test]
fn t04_of_two_valid_signatures_only_the_low_one_is_made_and_accepted() {
    let mut high = 0;
    for second in 0..16 {
        let mut claims = claims();
        claims.iat -= second;
        let ours = signing_keys("ES256").sign(&claims);
        assert_eq!(verify(&ours).map(|_| ()), Ok(()));
        let plain = token(ES256_HEADER, &serde_json::to_string(&claims).expect("JSON"), es256_signature);
        if plain != ours {
            high += 1;
            refused(&plain, Error::BadSignature);
        }
    }
    assert!((3..=13).contains(&high), "{high} of 16");
}

#[test]
fn t05_key_ids_that_are_not_ours_are_refused() {
    let long = "a".repeat(10_000);
    for key_id in [
        "",
        "unknown",
        "ES-1",
        "hs-1 ",
        " hs-1",
        "hs-1\0",
        "../../dev/null",
        "' OR 1=1 --",
        "http://evil.example/jwks.json",
        &long,
    ] {
        let header = json!({"alg": "HS256", "kid": key_id, "typ": "JWT"}).to_string();
        refused(&properly_signed(&header, &payload().to_string()), Error::UnknownKey);
    }
    for header in [
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"alg":"HS256","kid":null,"typ":"JWT"}"#,
        r#"{"alg":"HS256","kid":["hs-1"],"typ":"JWT"}"#,
        r#"{"alg":"HS256","kid":1,"typ":"JWT"}"#,
    ] {
        refused(&properly_signed(header, &payload().to_string()), Error::Malformed);
    }
}

#[test]
fn t06_a_token_is_valid_until_the_second_of_its_expiry() {
    let token = signing_keys("HS256").sign(&claims());
    assert_eq!(verify_at(&token, seconds_later(599)), Ok(claims()));
    assert_eq!(verify_at(&token, seconds_later(600)), Err(Error::Expired));
    assert_eq!(verify_at(&token, seconds_later(601)), Err(Error::Expired));
    assert_eq!(verify_at(&token, seconds_later(86_400 * 365)), Err(Error::Expired));
}

#[test]
fn t06_an_expiry_that_is_no_whole_number_of_the_future_is_refused() {
    let future = now().timestamp() + 600;
    for raw in ["0", "1", "-1", "-9223372036854775808"] {
        refused(&with_raw_claim("exp", raw), Error::Expired);
    }
    for raw in [
        &format!("{future}.0"),
        &format!("{future}.5"),
        "1.8e9",
        "1e400",
        "-0",
        "18446744073709551615",
        "9223372036854775808",
        "99999999999999999999999",
        &format!("\"{future}\""),
        &format!("[{future}]"),
        "null",
        "true",
        "{}",
    ] {
        refused(&with_raw_claim("exp", raw), Error::Malformed);
    }
}

#[test]
fn t06_a_token_from_the_future_is_refused_beyond_the_skew_of_clocks() {
    let at = |name: &str, ahead: i64| with_claim(name, json!(now().timestamp() + ahead));
    for name in ["iat", "nbf"] {
        assert!(verify(&at(name, -1_000_000)).is_ok(), "{name}");
        assert!(verify(&at(name, 5)).is_ok(), "{name}");
        refused(&at(name, 6), Error::NotYetValid);
        refused(&at(name, 1_000_000), Error::NotYetValid);
        refused(&with_raw_claim(name, "9223372036854775807"), Error::NotYetValid);
        for raw in ["1.5", "\"1\"", "[]", "1e400"] {
            refused(&with_raw_claim(name, raw), Error::Malformed);
        }
    }
}

#[test]
fn t07_issuer_and_audience_are_compared_exactly() {
    for issuer in [
        "https://auth.example.com/auth/v1/",
        "https://AUTH.example.com/auth/v1",
        "http://auth.example.com/auth/v1",
        "https://auth.example.com/auth",
        "",
    ] {
        refused(&with_claim("iss", json!(issuer)), Error::WrongIssuer);
    }
    for audience in ["Authenticated", "authenticated ", "auth", "authenticated-not", "anon", ""] {
        refused(&with_claim("aud", json!(audience)), Error::WrongAudience);
    }
    for value in [json!([AUDIENCE]), json!([AUDIENCE, "other"]), json!([]), json!(null), json!(1), json!({})] {
        refused(&with_claim("aud", value.clone()), Error::Malformed);
        refused(&with_claim("iss", value), Error::Malformed);
    }
    let token = signing_keys("HS256").sign(&claims());
    let other = Expected { issuer: ISSUER, audience: "other", now: now() };
    assert_eq!(signing_keys("HS256").verify(&token, &other), Err(Error::WrongAudience));
}

#[test]
fn t07_every_claim_is_required_and_has_its_type() {
    let names: Vec<String> = payload().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(names.len(), 15);
    for name in names {
        let mut payload = payload();
        payload.as_object_mut().expect("an object").remove(&name);
        refused(&with_payload(&payload), Error::Malformed);
        if !name.ends_with("_metadata") {
            refused(&with_claim(&name, json!({"a": [1]})), Error::Malformed);
            refused(&with_claim(&name, json!(null)), Error::Malformed);
        }
    }
    for (name, value) in [
        ("sub", json!("not a uuid")),
        ("sub", json!("")),
        ("session_id", json!("1")),
        ("jti", json!("x")),
        ("aal", json!("aal3")),
        ("aal", json!("AAL1")),
        ("amr", json!([{"method": "mind reading", "timestamp": 1}])),
        ("amr", json!([{"method": "password"}])),
        ("is_anonymous", json!("false")),
        ("is_anonymous", json!(0)),
    ] {
        refused(&with_claim(name, value), Error::Malformed);
    }
}

#[test]
fn t08_other_things_we_make_are_no_access_tokens() {
    let refresh_token = RefreshToken { session_id: SESSION_ID, generation: 0 }.issue(&secrets());
    refused(&refresh_token, Error::Malformed);
    refused(&LinkToken::from_entropy([7; 32]).to_text(), Error::Malformed);
    refused("048213", Error::Malformed);
    // An OpenID Connect ID token, signed with a key of ours.
    let id_token = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": payload()["sub"], "exp": payload()["exp"], "iat": payload()["iat"], "nonce": "x"});
    refused(&with_payload(&id_token), Error::Malformed);
    // Of other types: RFC 9068, RFC 9449, security events.
    for kind in [
        json!("at+jwt"),
        json!("dpop+jwt"),
        json!("secevent+jwt"),
        json!("jwt"),
        json!(""),
        json!(null),
        json!(["JWT"]),
    ] {
        let header = json!({"alg": "HS256", "kid": "hs-1", "typ": kind}).to_string();
        refused(&properly_signed(&header, &payload().to_string()), Error::Malformed);
    }
    refused(&properly_signed(r#"{"alg":"HS256","kid":"hs-1"}"#, &payload().to_string()), Error::Malformed);
}

#[test]
fn t09_tokens_of_keys_that_were_removed_or_belong_to_others_are_refused() {
    let only_hs256 = SigningKeys::from_jwks(&json!({"keys": [hs256_jwk("sign")]}).to_string()).expect("a good key");
    let token = signing_keys("ES256").sign(&claims());
    assert_eq!(only_hs256.verify(&token, &expected_at(now())), Err(Error::UnknownKey));
    let mut twin = hs256_jwk("sign");
    twin["k"] = json!(base64url([7; 32]));
    let other = SigningKeys::from_jwks(&json!({"keys": [twin]}).to_string()).expect("a good key");
    let token = other.sign(&claims());
    assert_eq!(only_hs256.verify(&token, &expected_at(now())), Err(Error::BadSignature));
}
