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
