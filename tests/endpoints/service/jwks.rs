//! `GET /.well-known/jwks.json`, under the base path and at the root.

use axum::http::Method;
use serde_json::json;

use crate::support::{TestApp, tokens};

#[tokio::test]
async fn the_public_keys_are_at_both_places() {
    let app = TestApp::start().await;
    let [x, y, d] = tokens::OUR_KEY;
    for path in ["/.well-known/jwks.json", "/auth/v1/.well-known/jwks.json"] {
        let answer = app.call(Method::GET, path).await;
        assert_eq!(answer.status, 200);
        let key = json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "test", "key_ops": ["verify"], "x": x, "y": y,
        });
        assert_eq!(answer.json(), json!({ "keys": [key] }));
        assert!(!answer.text().contains(d));
        assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
        assert_eq!(answer.header("cache-control").as_deref(), Some("public, max-age=600"));
    }
    assert_eq!(app.database.traffic(), (0, 0));
}

#[tokio::test]
async fn a_shared_secret_is_not_among_them() {
    let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let keys = json!({ "keys": [{ "kty": "oct", "alg": "HS256", "kid": "hs", "key_ops": ["sign"], "k": secret }] });
    let app = TestApp::with(&[("JWT_KEYS", &keys.to_string())]).await;
    let answer = app.get("/.well-known/jwks.json").await;
    assert_eq!(answer.json(), json!({ "keys": [] }));
    let session = app.signed_in("ada@example.com").await;
    let token = session["access_token"].as_str().expect("a token");
    assert!(token.starts_with("eyJhbGciOiJIUzI1NiIs"), "HS256: {token}");
    assert_eq!(app.get("/user").bearer(token).await.status, 200);
}

#[tokio::test]
async fn eddsa_is_offered_too() {
    let key = json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "ed", "key_ops": ["sign"],
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    });
    let app = TestApp::with(&[("JWT_KEYS", &json!({ "keys": [key] }).to_string())]).await;
    let session = app.signed_in("ada@example.com").await;
    let token = session["access_token"].as_str().expect("a token");
    assert_eq!(app.get("/user").bearer(token).await.status, 200);
    let keys = app.get("/.well-known/jwks.json").await.json();
    assert_eq!((&keys["keys"][0]["crv"], &keys["keys"][0]["d"]), (&json!("Ed25519"), &json!(null)));
}

const PLACES: [&str; 2] = ["/.well-known/jwks.json", "/auth/v1/.well-known/jwks.json"];

#[tokio::test]
async fn whoever_has_the_keys_already_is_sent_nothing() {
    let app = TestApp::start().await;
    for path in PLACES {
        let etag = app.call(Method::GET, path).await.header("etag").expect("an entity tag");
        assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 10, "{etag}");
        for known in [
            etag.clone(),
            format!("W/{etag}"),
            format!("\"another\", {etag}"),
            format!("W/\"another\",W/{etag} , \"third\""),
            "*".to_owned(),
        ] {
            let answer = app.call(Method::GET, path).header("if-none-match", &known).await;
            assert_eq!((answer.status.as_u16(), answer.text().as_str()), (304, ""), "{known}");
            assert_eq!(answer.header("etag").as_ref(), Some(&etag));
            assert_eq!(answer.header("cache-control").as_deref(), Some("public, max-age=600"));
            assert_eq!(answer.header("content-type"), None);
        }
    }
    assert_eq!(app.database.traffic(), (0, 0));
}

#[tokio::test]
async fn whoever_has_other_keys_or_none_is_sent_these() {
    let app = TestApp::start().await;
    for path in PLACES {
        let etag = app.call(Method::GET, path).await.header("etag").expect("an entity tag");
        let (bare, cut) = (etag.trim_matches('"'), &etag[..etag.len() - 2]);
        for known in ["", "\"another\"", "W/\"another\"", bare, cut, &etag.to_lowercase(), "\"*\"", "w/*"] {
            let answer = app.call(Method::GET, path).header("if-none-match", known).await;
            assert_eq!(answer.status, 200, "{known}");
            assert_eq!(answer.json()["keys"][0]["kid"], "test");
        }
    }
}

#[tokio::test]
async fn another_set_has_another_tag_and_the_same_set_the_same() {
    let [x, y, d] = tokens::OUR_KEY;
    let [x2, y2, d2] = tokens::OTHER_KEY;
    let ours = json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "test", "key_ops": ["sign"], "x": x, "y": y, "d": d });
    let next = json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "next", "key_ops": ["verify"], "x": x2, "y": y2, "d": d2 });
    let before = TestApp::start().await;
    let same = before.redeployed(&[]);
    let with_next = before.redeployed(&[("JWT_KEYS", &json!({ "keys": [ours, next] }).to_string())]);
    let mut tags = Vec::new();
    for app in [&before, &same, &with_next] {
        let [root, api] = PLACES.map(|path| app.call(Method::GET, path));
        let (root, api) = (root.await.header("etag"), api.await.header("etag"));
        assert_eq!(root, api);
        tags.push(root.expect("an entity tag"));
    }
    assert_eq!(tags[0], tags[1]);
    assert_ne!(tags[0], tags[2]);
    let answer = with_next.get("/.well-known/jwks.json").header("if-none-match", &tags[0]).await;
    assert_eq!((answer.status.as_u16(), answer.json()["keys"].as_array().map(Vec::len)), (200, Some(2)));
}
