//! Texts that are no access token in form, though some of them are properly signed.

use edgegate::domain::token::access_token::{AccessTokenClaims, AccessTokenError as Error};
use serde_json::json;

use crate::domain::fixtures::{HS256_K, base64url, claims, from_base64url, signing_keys};
use crate::domain::token::access_token::{HS256_HEADER, hmac, payload, properly_signed, refused, verify, with_payload};

#[test]
fn headers_with_anything_else_in_them_are_refused() {
    for member in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""b64":false"#,
        r#""jku":"https://evil.example/jwks.json""#,
        r#""jwk":{"kty":"oct","k":"AAAA"}"#,
        r#""x5u":"https://evil.example/cert""#,
        r#""x5c":["AAAA"]"#,
        r#""x5t":"AAAA""#,
        r#""cty":"JWT""#,
        r#""zip":"DEF""#,
        r#""p2c":1000000000"#,
    ] {
        let header = HS256_HEADER.replace('}', &format!(",{member}}}"));
        refused(&properly_signed(&header, &payload().to_string()), Error::Malformed);
    }
}

#[test]
fn a_member_named_twice_is_refused_in_header_and_payload() {
    for header in [
        r#"{"alg":"none","alg":"HS256","kid":"hs-1","typ":"JWT"}"#,
        r#"{"alg":"HS256","alg":"HS256","kid":"hs-1","typ":"JWT"}"#,
        r#"{"alg":"HS256","kid":"es-1","kid":"hs-1","typ":"JWT"}"#,
        r#"{"alg":"HS256","kid":"hs-1","\u006bid":"hs-1","typ":"JWT"}"#,
    ] {
        refused(&properly_signed(header, &payload().to_string()), Error::Malformed);
    }
    let text = payload().to_string();
    for twice in [
        text.replace("\"exp\":", "\"exp\":1,\"exp\":"),
        text.replace("\"role\":", "\"role\":\"service_role\",\"role\":"),
        text.replace("\"name\":", "\"name\":\"Bob\",\"name\":"),
        text.replace("\"name\":", "\"x\":1,\"x\":1,\"name\":"),
    ] {
        assert_ne!(twice, text);
        refused(&properly_signed(HS256_HEADER, &twice), Error::Malformed);
    }
}

#[test]
fn payloads_that_are_no_object_are_refused() {
    for text in
        ["", "null", "[]", "\"x\"", "1", "{", "{}", &format!("{}x", payload()), &format!("\u{feff}{}", payload())]
    {
        refused(&properly_signed(HS256_HEADER, text), Error::Malformed);
    }
    for header in ["", "null", "[]", "{", "{}", "\"HS256\"", &format!("{HS256_HEADER}{HS256_HEADER}")] {
        refused(&properly_signed(header, &payload().to_string()), Error::Malformed);
    }
}

#[test]
fn texts_that_are_not_three_parts_of_base64url_are_refused() {
    let good = with_payload(&payload());
    assert!(verify(&good).is_ok());
    let (signed, signature) = good.rsplit_once('.').expect("dots");
    let (header, body) = signed.split_once('.').expect("dots");
    for text in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "a.b.c".to_owned(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{header}..{body}.{signature}"),
        format!("{header}.{body}"),
        format!("{good}="),
        format!("{header}=.{body}.{signature}"),
        format!("{good} "),
        format!(" {good}"),
        format!("{good}\n"),
        format!("Bearer {good}"),
        format!("{good}é"),
        format!("{header}.{body}.{signature}\0"),
        // The last character carries bits that no byte uses; they must be zero.
        format!("{signed}.{}F", &signature[..42]),
    ] {
        refused(&text, Error::Malformed);
    }
    // The payload is not even decoded before the signature is right.
    for body in [format!("{body}\n"), format!("{body}="), body.replacen('e', "+", 1)] {
        refused(&format!("{header}.{body}.{signature}"), Error::BadSignature);
        let signature = hmac(&from_base64url(HS256_K), format!("{header}.{body}").as_bytes());
        refused(&format!("{header}.{body}.{}", base64url(signature)), Error::Malformed);
    }
}

#[test]
fn size_is_bounded_before_anything_is_read() {
    let of_size = |size: usize| {
        let claims = AccessTokenClaims { user_metadata: json!({"name": "x".repeat(size)}), ..claims() };
        signing_keys("ES256").sign(&claims)
    };
    // The size of the metadata of a token that has exactly as many bytes as are allowed.
    let size = (36_000..36_500).find(|size| of_size(*size).len() == 49_152).expect("one of them");
    assert!(verify(&of_size(size)).is_ok());
    refused(&of_size(size + 1), Error::Malformed);
    refused(&"a".repeat(10_000_000), Error::Malformed);
}
