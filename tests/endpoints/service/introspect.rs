//! `POST /introspect` (RFC 7662). `callers` has who may ask.

mod callers;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::client::{ADA, BOB, Client, nothing_is_pending};
use crate::support::kv::{FaultMode, PROPAGATION};
use crate::support::{PASSWORD, TestApp, tokens};

fn inactive() -> Value {
    json!({ "active": false })
}

async fn is_inactive(app: &TestApp, token: &str) {
    let answer = app.introspect(token).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, inactive()), "{token}");
}

#[tokio::test]
async fn of_a_good_token_it_says_all_that_the_token_says() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.traffic();
    let answer = app.introspect(&ada.access).await.succeeded();
    let claims = tokens::claims(&ada.access);
    assert_eq!(
        answer.json(),
        json!({
            "active": true,
            "token_type": "Bearer",
            "iss": "https://auth.example.com/auth/v1",
            "sub": ada.user,
            "aud": "authenticated",
            "exp": 1_795_349_400,
            "iat": 1_795_348_800,
            "jti": claims["jti"],
            "email": ADA,
            "phone": "",
            "app_metadata": { "provider": "email", "providers": ["email"] },
            "user_metadata": claims["user_metadata"],
            "role": "authenticated",
            "aal": "aal1",
            "amr": [{ "method": "otp", "timestamp": 1_795_348_800 }],
            "session_id": ada.session,
            "is_anonymous": false,
        })
    );
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(app.database.traffic(), before, "no database");
}

#[tokio::test]
async fn no_database_is_needed() {
    let app = TestApp::start().await;
    let (ada, bob) = (Client::new(&app, ADA).await, Client::new(&app, BOB).await);
    ada.sign_out(&app, "").await.succeeded();
    app.database.go_down();
    let before = app.database.traffic();
    is_inactive(&app, &ada.access).await;
    is_inactive(&app, "x").await;
    assert_eq!(app.introspect(&bob.access).await.json()["active"], true);
    assert_eq!(app.database.traffic(), before);
}

/// Introspection is no oracle: whatever is wrong, the answer is the same, and neither PostgreSQL
/// nor KV is asked.
#[tokio::test]
async fn of_everything_else_it_says_that_it_is_not_active_and_nothing_more() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let link = app.sign_up(BOB).await;
    let claims = tokens::claims(&ada.access);
    let before = (app.database.traffic(), app.kv.traffic());
    let (signed, signature) = ada.access.rsplit_once('.').expect("a signature");
    let mut unsigned = claims.clone();
    unsigned["role"] = json!("service_role");
    for token in [
        "",
        " ",
        "x",
        "a.b.c",
        &ada.refresh,
        &link.token,
        &link.code,
        PASSWORD,
        &ada.user.to_string(),
        &format!("Bearer {}", ada.access),
        &format!(" {}", ada.access),
        &format!("{}.", ada.access),
        signed,
        &format!("{signed}.{}", signature.chars().rev().collect::<String>()),
        &"a".repeat(100_000),
        &tokens::service(),
        &tokens::es256(tokens::OTHER_KEY, &tokens::our_header(), &claims),
        &tokens::hs256(b"", &json!({ "alg": "none", "typ": "JWT", "kid": "test" }), &unsigned),
        &tokens::with_claim(&ada.access, "iss", json!("https://evil.example/auth/v1")),
        &tokens::with_claim(&ada.access, "aud", json!("another")),
        &tokens::with_claim(&ada.access, "aud", json!(["authenticated"])),
        &tokens::with_claim(&ada.access, "exp", json!(1_795_348_800)),
        &tokens::with_claim(&ada.access, "iat", json!(1_795_349_000)),
        &tokens::with_claim(&ada.access, "nbf", json!(1_795_349_000)),
        &tokens::with_claim(&ada.access, "session_id", json!(null)),
    ] {
        is_inactive(&app, token).await;
    }
    assert_eq!((app.database.traffic(), app.kv.traffic()), before);
}

#[tokio::test]
async fn a_token_is_active_until_it_expires() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::milliseconds(599_999));
    assert_eq!(app.introspect(&ada.access).await.json()["active"], true);
    app.clock.advance(TimeDelta::milliseconds(1));
    is_inactive(&app, &ada.access).await;
}

#[tokio::test]
async fn a_revoked_session_is_inactive_at_every_location_within_ninety_seconds() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let elsewhere = app.elsewhere();
    elsewhere.kv.learns_after(PROPAGATION);
    ada.sign_out(&app, "").await.succeeded();
    nothing_is_pending(&app).await;
    is_inactive(&app, &ada.access).await;
    app.clock.advance(TimeDelta::seconds(59));
    assert_eq!(elsewhere.introspect(&ada.access).await.json()["active"], true, "asked, and remembered");
    app.clock.advance(TimeDelta::seconds(31));
    is_inactive(&elsewhere, &ada.access).await;
    app.clock.advance(TimeDelta::seconds(509));
    is_inactive(&elsewhere, &ada.access).await;
}

#[tokio::test]
async fn only_the_session_that_ended_is_inactive() {
    let app = TestApp::start().await;
    let (ada, other) = (Client::new(&app, ADA).await, Client::another(&app, ADA).await);
    ada.sign_out(&app, "?scope=local").await.succeeded();
    is_inactive(&app, &ada.access).await;
    assert_eq!(app.introspect(&other.access).await.json()["active"], true);
}

#[tokio::test]
async fn all_access_tokens_of_a_revoked_session_are_inactive() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let newer = ada.refreshed(&app).await;
    newer.sign_out(&app, "").await.succeeded();
    // The refresh asked KV at this location, which remembers the answer for half a minute.
    let elsewhere = app.elsewhere();
    for token in [&ada.access, &newer.access] {
        is_inactive(&elsewhere, token).await;
    }
    app.clock.advance(TimeDelta::seconds(30));
    for token in [&ada.access, &newer.access] {
        is_inactive(&app, token).await;
    }
}

/// A failure of KV does not mean "not revoked".
#[tokio::test]
async fn if_kv_does_not_say_nor_do_we() {
    for fault_mode in [FaultMode::Failing, FaultMode::Hanging] {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        app.kv.becomes(fault_mode);
        app.clock.let_limits_run_out();
        let before = app.database.traffic();
        let answer = app.introspect(&ada.access).await;
        assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()), "{fault_mode:?}");
        assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
        let body = answer.json();
        let members: Vec<&String> = body.as_object().expect("an object").keys().collect();
        assert_eq!(members, ["code", "error_code", "error_id", "msg"]);
        for secret in [ADA, "503 from KV", &ada.session.to_string(), &ada.user.to_string(), "active"] {
            assert!(!answer.text().contains(secret), "{secret}");
        }
        assert_eq!(app.database.traffic(), before);
        is_inactive(&app, "x").await;
    }
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.kv.becomes(FaultMode::Failing);
    assert_eq!(app.introspect(&ada.access).await.status, 503);
    app.kv.becomes(FaultMode::Well);
    assert_eq!(app.introspect(&ada.access).await.json()["active"], true);
}

/// Tokens of before a deployment live as long as they say; KV must not forget their session sooner.
#[tokio::test]
async fn a_revoked_session_stays_inactive_though_access_tokens_were_made_shorter_meanwhile() {
    let app = TestApp::with(&[("ACCESS_TOKEN_SECONDS", "3600")]).await;
    let ada = Client::new(&app, ADA).await;
    let app = app.redeployed(&[("ACCESS_TOKEN_SECONDS", "60")]);
    ada.sign_out(&app, "").await.succeeded();
    is_inactive(&app, &ada.access).await;
    app.clock.advance(TimeDelta::minutes(10));
    is_inactive(&app, &ada.access).await;
}

/// RFC 7515 lets anybody name any key. Looking for one that is not there must not be a way to keep
/// us busy.
#[tokio::test]
async fn a_token_under_an_unknown_key_asks_nobody() {
    const TOKENS: usize = 50;
    let app = TestApp::start().await;
    let claims = tokens::claims(&Client::new(&app, ADA).await.access);
    // All forged, so that none is remembered; each is another text.
    let forged = |kid: fn(usize) -> String| -> Vec<String> {
        let header = |n| json!({ "alg": "ES256", "typ": "JWT", "kid": kid(n), "n": n });
        (0..TOKENS).map(|n| tokens::es256(tokens::OTHER_KEY, &header(n), &claims)).collect()
    };
    let (known, unknown) = (forged(|_| "test".to_owned()), forged(|n| format!("key-{n}")));
    let before = (app.database.traffic(), app.kv.traffic());
    for token in known.iter().chain(&unknown) {
        is_inactive(&app, token).await;
        assert_eq!(app.get("/user").bearer(token).await.refusal(), (401, "bad_jwt".to_owned()));
    }
    assert_eq!((app.database.traffic(), app.kv.traffic()), before, "nobody was asked");
}
