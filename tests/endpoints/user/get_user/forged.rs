//! `GET /user` with tokens that we did not issue, or issued for something else. The whole list is
//! `tests/domain/token/access_token`; here is that each kind meets the same refusal at the front
//! door, and asks the database nothing.

use serde_json::{Value, json};

use crate::endpoints::user::get_user::NOT_VALID;
use crate::support::{TestApp, tokens};

async fn refused(app: &TestApp, token: &str) {
    let before = app.database.traffic();
    let answer = app.get("/user").bearer(token).await;
    assert_eq!(answer.refusal(), (401, "bad_jwt".to_owned()), "{token}");
    assert_eq!(answer.json(), json!({ "code": 401, "error_code": "bad_jwt", "msg": NOT_VALID }), "{token}");
    assert_eq!(answer.header("www-authenticate").as_deref(), Some("Bearer error=\"invalid_token\""));
    assert_eq!(app.database.traffic(), before, "refused without the database");
}

async fn signed_in() -> (TestApp, String) {
    let app = TestApp::start().await;
    let token = app.signed_in("ada@example.com").await["access_token"].as_str().expect("a token").to_owned();
    (app, token)
}

#[tokio::test]
async fn a_token_that_we_sign_again_unchanged_is_accepted_so_the_tests_below_test_what_they_say() {
    let (app, token) = signed_in().await;
    let same = tokens::es256(tokens::OUR_KEY, &tokens::our_header(), &tokens::claims(&token));
    assert_eq!(app.get("/user").bearer(&same).await.status, 200);
}

#[tokio::test]
async fn a_malformed_token_is_refused() {
    let (app, token) = signed_in().await;
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    for bad in [
        "x",
        "a.b",
        "a.b.c",
        "...",
        "null",
        "undefined",
        &format!("{token}."),
        &format!("{token}="),
        &format!(".{token}"),
        &format!("{signed}."),
        signed,
        &format!("{signed}.{signature}A"),
        &format!("{signed}.{}", &signature[1..]),
        &format!("\"{token}\""),
        &"a".repeat(60_000),
        &token.to_ascii_uppercase(),
    ] {
        refused(&app, bad).await;
    }
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    let (app, token) = signed_in().await;
    let parts: Vec<&str> = token.split('.').collect();
    let bob = app.signed_in("bob@example.com").await["access_token"].as_str().expect("a token").to_owned();
    let bobs: Vec<&str> = bob.split('.').collect();
    refused(&app, &format!("{}.{}.{}", parts[0], bobs[1], parts[2])).await;
    for position in [parts[0].len() + 5, parts[0].len() + 40, token.len() - 20] {
        let mut bytes = token.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        refused(&app, &String::from_utf8(bytes).expect("ASCII")).await;
    }
}

#[tokio::test]
async fn a_token_for_somebody_else_or_from_somebody_else_is_refused() {
    let (app, token) = signed_in().await;
    for (claim, value) in [
        ("aud", json!("authenticated2")),
        ("aud", json!("")),
        ("aud", json!(["authenticated"])),
        ("aud", json!(null)),
        ("iss", json!("https://evil.example/auth/v1")),
        ("iss", json!("https://auth.example.com/auth/v1/")),
        ("iss", json!("http://auth.example.com/auth/v1")),
        ("iss", json!("")),
    ] {
        refused(&app, &tokens::with_claim(&token, claim, value)).await;
    }
}

#[tokio::test]
async fn claims_of_the_wrong_type_or_missing_are_refused() {
    let (app, token) = signed_in().await;
    for (claim, value) in [
        ("exp", json!("1795349400")),
        ("exp", json!(1_795_349_400.5)),
        ("exp", json!(null)),
        ("iat", json!(-1.5)),
        ("iat", json!(1_795_348_806)),
        ("nbf", json!(1_795_348_806)),
        ("sub", json!("ada@example.com")),
        ("sub", json!(null)),
        ("session_id", json!("1")),
        ("jti", json!(1)),
        ("role", json!(["admin"])),
        ("aal", json!("aal9")),
        ("amr", json!("otp")),
        ("is_anonymous", json!("false")),
    ] {
        refused(&app, &tokens::with_claim(&token, claim, value)).await;
    }
    for claim in ["iss", "sub", "aud", "exp", "iat", "jti", "session_id", "role", "aal", "amr", "email"] {
        let mut claims = tokens::claims(&token);
        claims.as_object_mut().expect("an object").remove(claim);
        refused(&app, &tokens::es256(tokens::OUR_KEY, &tokens::our_header(), &claims)).await;
    }
}

#[tokio::test]
async fn an_expired_token_that_is_forged_besides_is_not_called_expired() {
    let (app, token) = signed_in().await;
    let mut claims = tokens::claims(&token);
    claims["exp"] = json!(1);
    refused(&app, &tokens::es256(tokens::OTHER_KEY, &tokens::our_header(), &claims)).await;
}

#[tokio::test]
async fn another_key_is_refused_under_our_name_and_under_its_own() {
    let (app, token) = signed_in().await;
    let claims = tokens::claims(&token);
    let [x, y, _] = tokens::OTHER_KEY;
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
    for header in [
        tokens::our_header(),
        json!({ "alg": "ES256", "typ": "JWT", "kid": "other" }),
        json!({ "alg": "ES256", "typ": "JWT" }),
        json!({ "alg": "ES256", "typ": "JWT", "kid": "test", "jwk": jwk }),
        json!({ "alg": "ES256", "typ": "JWT", "kid": "other", "jku": "https://evil.example/jwks.json" }),
    ] {
        refused(&app, &tokens::es256(tokens::OTHER_KEY, &header, &claims)).await;
    }
}

#[tokio::test]
async fn a_header_that_is_not_ours_is_refused_even_under_our_key() {
    let (app, token) = signed_in().await;
    let claims = tokens::claims(&token);
    for header in [
        json!({ "alg": "ES256", "typ": "JWT", "kid": "" }),
        json!({ "alg": "ES256", "typ": "JWT", "kid": "../../dev/null" }),
        json!({ "alg": "ES256", "typ": "JWT", "kid": "' OR 1=1 --" }),
        json!({ "alg": "ES256", "typ": "JWT", "kid": ["test"] }),
        json!({ "alg": "ES256", "typ": "JWT", "kid": "x".repeat(10_000) }),
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": "test" }),
        json!({ "alg": ["ES256"], "typ": "JWT", "kid": "test" }),
        json!({ "alg": "ES384", "typ": "JWT", "kid": "test" }),
        json!({ "alg": "none", "typ": "JWT", "kid": "test" }),
        json!({ "alg": "ES256", "typ": "JWT", "kid": "test", "crit": ["exp"] }),
    ] {
        refused(&app, &tokens::es256(tokens::OUR_KEY, &header, &claims)).await;
    }
}

#[tokio::test]
async fn a_public_key_is_no_shared_secret() {
    let (app, token) = signed_in().await;
    let claims = tokens::claims(&token);
    let jwks = app.get("/.well-known/jwks.json").await;
    let key = jwks.json()["keys"][0].to_string();
    for secret in [jwks.text(), key, tokens::OUR_KEY[0].to_owned(), String::new()] {
        for header in [
            json!({ "alg": "HS256", "typ": "JWT", "kid": "test" }),
            json!({ "alg": "HS256", "typ": "JWT" }),
            tokens::our_header(),
        ] {
            refused(&app, &tokens::hs256(secret.as_bytes(), &header, &claims)).await;
        }
    }
    for algorithm in ["none", "None", "nOnE", "NONE"] {
        let header: Value = json!({ "alg": algorithm, "typ": "JWT", "kid": "test" });
        let token = tokens::hs256(b"", &header, &claims);
        let (signed, _) = token.rsplit_once('.').expect("a signature");
        refused(&app, &format!("{signed}.")).await;
    }
}
