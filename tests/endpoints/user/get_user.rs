//! `GET /user`: the model of a call that needs a signed-in user. `forged` has tokens that nobody
//! issued, `timed_out` sessions that are over before their tokens are.

mod forged;
mod timed_out;

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{PASSWORD, TestApp, tokens};

const NOT_VALID: &str = "invalid JWT: unable to parse or verify signature, token is not valid";

#[tokio::test]
async fn a_valid_token_gets_its_account() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    let answer = app.get("/user").bearer(session["access_token"].as_str().expect("a token")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), session["user"]);
    assert_eq!(answer.header("www-authenticate"), None);
}

#[tokio::test]
async fn the_scheme_is_not_case_sensitive() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    let token = session["access_token"].as_str().expect("a token");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(app.get("/user").header("authorization", &format!("{scheme} {token}")).await.status, 200);
    }
}

#[tokio::test]
async fn without_a_token_the_answer_asks_for_one() {
    let app = TestApp::start().await;
    let token = app.signed_in("ada@example.com").await["access_token"].as_str().expect("a token").to_owned();
    let calls = [
        app.get("/user"),
        app.get("/user").header("authorization", ""),
        app.get("/user").header("authorization", "Bearer"),
        app.get("/user").header("authorization", "Bearer "),
        app.get("/user").header("authorization", &token),
        app.get("/user").header("authorization", &format!("Basic {token}")),
        app.get("/user").header("authorization", &format!("DPoP {token}")),
        app.get("/user").header("authorization", &format!("Bearer{token}")),
        app.get("/user").bearer(&token).bearer(&token),
        app.get("/user").header("apikey", &token),
        app.get("/user").cookie(&format!("access_token={token}")),
        app.get(&format!("/user?access_token={token}")),
    ];
    for call in calls {
        let answer = call.await;
        assert_eq!(answer.refusal(), (401, "no_authorization".to_owned()));
        assert_eq!(answer.json()["msg"], "This endpoint requires a valid Bearer token");
        assert_eq!(answer.header("www-authenticate").as_deref(), Some("Bearer"), "RFC 6750, section 3.1");
    }
}

#[tokio::test]
async fn a_token_lives_for_ten_minutes_and_not_a_second_more() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    let token = session["access_token"].as_str().expect("a token");
    app.clock.advance(TimeDelta::milliseconds(599_999));
    assert_eq!(app.get("/user").bearer(token).await.status, 200);
    app.clock.advance(TimeDelta::milliseconds(1));
    let answer = app.get("/user").bearer(token).await;
    assert_eq!(answer.refusal(), (401, "bad_jwt".to_owned()));
    assert_eq!(answer.json()["msg"], "invalid JWT: unable to parse or verify signature, token is expired");
    assert_eq!(answer.header("www-authenticate").as_deref(), Some("Bearer error=\"invalid_token\""));
}

#[tokio::test]
async fn its_lifetime_is_a_setting() {
    let app = TestApp::with(&[("ACCESS_TOKEN_SECONDS", "60")]).await;
    let session = app.signed_in("ada@example.com").await;
    assert_eq!(session["expires_in"], 60);
    app.clock.advance(TimeDelta::seconds(60));
    let answer = app.get("/user").bearer(session["access_token"].as_str().expect("a token")).await;
    assert_eq!(answer.refusal(), (401, "bad_jwt".to_owned()));
}

#[tokio::test]
async fn an_ended_session_is_refused_at_once_though_its_token_is_valid() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    let token = session["access_token"].as_str().expect("a token");
    assert_eq!(app.get("/user").bearer(token).await.status, 200);
    app.database.change("UPDATE edgegate.sessions SET revoked_at = created_at").await;
    let answer = app.get("/user").bearer(token).await;
    assert_eq!(answer.refusal(), (401, "session_not_found".to_owned()));
    assert_eq!(answer.header("www-authenticate").as_deref(), Some("Bearer error=\"invalid_token\""));
    app.database.change("DELETE FROM edgegate.sessions").await;
    assert_eq!(app.get("/user").bearer(token).await.refusal(), (401, "session_not_found".to_owned()));
}

/// With tokens that outlive the session, which is what such settings mean.
#[tokio::test]
async fn the_absolute_lifetime_of_a_session_is_asked_with_every_call() {
    let app = TestApp::with(&[("SESSION_MAX_DAYS", "1"), ("ACCESS_TOKEN_SECONDS", "86400")]).await;
    let session = app.signed_in("ada@example.com").await;
    let token = session["access_token"].as_str().expect("a token");
    app.database.change("UPDATE edgegate.sessions SET expires_at = '2026-11-22 18:00'").await;
    app.clock.advance(TimeDelta::hours(6) - TimeDelta::milliseconds(1));
    assert_eq!(app.get("/user").bearer(token).await.status, 200);
    app.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(app.get("/user").bearer(token).await.refusal(), (401, "session_not_found".to_owned()));
}

#[tokio::test]
async fn the_inactivity_limit_of_a_session_is_asked_with_every_call() {
    let app = TestApp::with(&[("SESSION_INACTIVITY_DAYS", "2")]).await;
    let session = app.signed_in("ada@example.com").await;
    let token = session["access_token"].as_str().expect("a token");
    app.database.change("UPDATE edgegate.sessions SET refreshed_at = '2026-11-20 12:00:00.001'").await;
    assert_eq!(app.get("/user").bearer(token).await.status, 200);
    app.database.change("UPDATE edgegate.sessions SET refreshed_at = '2026-11-20 12:00'").await;
    assert_eq!(app.get("/user").bearer(token).await.refusal(), (401, "session_not_found".to_owned()));
}

#[tokio::test]
async fn a_banned_user_is_refused_while_the_ban_lasts() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    let token = session["access_token"].as_str().expect("a token");
    app.database.change("UPDATE edgegate.users SET banned_until = '2026-11-22 12:05'").await;
    let answer = app.get("/user").bearer(token).await;
    assert_eq!(answer.refusal(), (403, "user_banned".to_owned()));
    app.clock.advance(TimeDelta::minutes(5));
    let answer = app.get("/user").bearer(token).await.succeeded();
    assert_eq!(answer.json().get("banned_until"), None, "a ban that is over is not shown");
}

#[tokio::test]
async fn a_deleted_user_is_refused() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    app.database.change("DELETE FROM edgegate.users").await;
    let answer = app.get("/user").bearer(session["access_token"].as_str().expect("a token")).await;
    assert_eq!(answer.refusal(), (401, "user_not_found".to_owned()));
    assert_eq!(answer.header("www-authenticate").as_deref(), Some("Bearer error=\"invalid_token\""));
}

#[tokio::test]
async fn somebody_elses_session_is_no_session_of_mine() {
    let app = TestApp::start().await;
    let ada = app.signed_in("ada@example.com").await["access_token"].as_str().expect("a token").to_owned();
    let bob = app.signed_in("bob@example.com").await["access_token"].as_str().expect("a token").to_owned();
    let mixed = tokens::with_claim(&ada, "session_id", tokens::claims(&bob)["session_id"].clone());
    assert_eq!(app.get("/user").bearer(&mixed).await.refusal(), (401, "session_not_found".to_owned()));
}

#[tokio::test]
async fn the_answer_is_what_the_database_says_now_and_not_what_the_token_says() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    app.database.change("UPDATE edgegate.users SET app_metadata = '{\"plan\": \"gold\"}'").await;
    let user = app.get("/user").bearer(session["access_token"].as_str().expect("a token")).await.json();
    assert_eq!(user["app_metadata"], json!({ "plan": "gold" }));
}

#[tokio::test]
async fn other_secrets_are_no_access_tokens() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let session = app.enter_code("ada@example.com", &link.code).await.json();
    let cookie = link.cookie.expect("a cookie");
    let (_, cookie) = cookie.split_once('=').expect("a value");
    let refresh_token = session["refresh_token"].as_str().expect("a token");
    for secret in [refresh_token, &link.token, &link.code, cookie, PASSWORD] {
        let answer = app.get("/user").bearer(secret).await;
        assert_eq!(answer.refusal(), (401, "bad_jwt".to_owned()), "{secret}");
        assert_eq!(answer.json()["msg"], NOT_VALID);
    }
}

#[tokio::test]
async fn a_token_signed_by_a_key_in_rotation_is_accepted_until_the_key_is_removed() {
    let [x, y, d] = tokens::OUR_KEY;
    let [x2, y2, d2] = tokens::OTHER_KEY;
    let old_key = json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "test", "key_ops": ["verify"], "x": x, "y": y, "d": d });
    let new_key = json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "next", "key_ops": ["sign"], "x": x2, "y": y2, "d": d2 });
    let before = TestApp::start().await;
    let token = before.signed_in("ada@example.com").await["access_token"].as_str().expect("a token").to_owned();
    let during = before.redeployed(&[("JWT_KEYS", &json!({ "keys": [old_key, new_key] }).to_string())]);
    assert_eq!(during.get("/user").bearer(&token).await.status, 200);
    let newer = during.sign_in("ada@example.com", PASSWORD).await.access_token();
    let after = before.redeployed(&[("JWT_KEYS", &json!({ "keys": [new_key] }).to_string())]);
    assert_eq!(after.get("/user").bearer(&token).await.refusal(), (401, "bad_jwt".to_owned()));
    assert_eq!(after.get("/user").bearer(&newer).await.status, 200);
}
