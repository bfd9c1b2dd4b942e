//! `POST /token?grant_type=refresh_token`: rotation, grace, lifetimes, and what is checked anew
//! each time. `replay` has what happens to old tokens, `races` many at once.

mod forged;
mod password;
mod races;
mod replay;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestApp, tokens};

pub const ADA: &str = "ada@example.com";

/// The refresh token of an answer.
pub fn refresh_token(session: &Value) -> String {
    session["refresh_token"].as_str().expect("a refresh token").to_owned()
}

/// The next session, which must have come.
#[expect(clippy::needless_pass_by_value, reason = "calls read better without a borrow")]
pub fn good(answer: Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn refused(code: &str) -> (u16, String) {
    (400, code.to_owned())
}

#[tokio::test]
async fn a_refresh_goes_on_with_the_session_under_new_tokens() {
    let app = TestApp::start().await;
    let first = app.signed_in(ADA).await;
    app.clock.advance(TimeDelta::minutes(9));
    let second = good(app.refresh(&refresh_token(&first)).await);
    assert_ne!(refresh_token(&first), refresh_token(&second));
    let (old, new) = (
        tokens::claims(first["access_token"].as_str().unwrap()),
        tokens::claims(second["access_token"].as_str().unwrap()),
    );
    assert_ne!(old["jti"], new["jti"]);
    for claim in [
        "iss",
        "sub",
        "aud",
        "email",
        "phone",
        "role",
        "aal",
        "amr",
        "session_id",
        "is_anonymous",
        "app_metadata",
        "user_metadata",
    ] {
        assert_eq!(old[claim], new[claim], "{claim}");
    }
    assert_eq!(new["iat"].as_i64().unwrap() - old["iat"].as_i64().unwrap(), 540);
    assert_eq!((&second["token_type"], &second["expires_in"]), (&json!("bearer"), &json!(600)));
    assert_eq!(second["user"]["email"], ADA);
    assert_eq!(app.get("/user").bearer(second["access_token"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn two_refreshes_in_a_row_give_different_tokens_each_of_which_works() {
    let app = TestApp::start().await;
    let mut token = refresh_token(&app.signed_in(ADA).await);
    let mut seen = vec![token.clone()];
    for _ in 0..5 {
        token = refresh_token(&good(app.refresh(&token).await));
        assert!(!seen.contains(&token));
        seen.push(token.clone());
    }
}

#[tokio::test]
async fn the_token_before_the_current_one_gets_the_current_one_again_for_half_a_minute() {
    let app = TestApp::start().await;
    let first = refresh_token(&app.signed_in(ADA).await);
    let second = refresh_token(&good(app.refresh(&first).await));
    for _ in 0..3 {
        app.clock.advance(TimeDelta::seconds(10));
        assert_eq!(refresh_token(&good(app.refresh(&first).await)), second);
    }
    // Asking again does not prolong it.
    app.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(app.refresh(&first).await.refusal(), refused("refresh_token_already_used"));
}

#[tokio::test]
async fn the_interval_is_a_setting_down_to_nothing() {
    let app = TestApp::with(&[("REFRESH_REUSE_INTERVAL", "0")]).await;
    let first = refresh_token(&app.signed_in(ADA).await);
    good(app.refresh(&first).await);
    app.clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(app.refresh(&first).await.refusal(), refused("refresh_token_already_used"));
}

#[tokio::test]
async fn a_session_not_used_for_seven_days_is_over() {
    let app = TestApp::start().await;
    let mut token = refresh_token(&app.signed_in(ADA).await);
    for _ in 0..3 {
        app.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
        token = refresh_token(&good(app.refresh(&token).await));
    }
    app.clock.advance(TimeDelta::days(7));
    assert_eq!(app.refresh(&token).await.refusal(), refused("session_expired"));
    assert!(app.mailbox.to(ADA).len() == 1, "that is no theft");
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_however_active_and_no_access_token_outlives_it() {
    let app = TestApp::start().await;
    let mut token = refresh_token(&app.signed_in(ADA).await);
    for _ in 0..29 {
        app.clock.advance(TimeDelta::days(1));
        token = refresh_token(&good(app.refresh(&token).await));
    }
    app.clock.advance(TimeDelta::days(1) - TimeDelta::seconds(60));
    let last = good(app.refresh(&token).await);
    assert_eq!(last["expires_in"], 60);
    app.clock.advance(TimeDelta::seconds(60));
    assert_eq!(app.refresh(&refresh_token(&last)).await.refusal(), refused("session_expired"));
    assert_eq!(app.get("/user").bearer(last["access_token"].as_str().unwrap()).await.status, 401);
}

#[tokio::test]
async fn a_banned_or_deleted_account_refreshes_nothing() {
    let app = TestApp::start().await;
    let session = app.signed_in(ADA).await;
    // By hand in SQL, so that the session itself is not ended.
    app.database.change("UPDATE edgegate.users SET banned_until = '2026-11-23T12:00:00Z'").await;
    assert_eq!(app.refresh(&refresh_token(&session)).await.refusal(), refused("user_banned"));
    app.clock.advance(TimeDelta::days(1));
    let session = good(app.refresh(&refresh_token(&session)).await);
    app.database.change("DELETE FROM edgegate.users").await;
    assert_eq!(app.refresh(&refresh_token(&session)).await.refusal(), refused("session_not_found"));
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_that_the_old_one_opened() {
    let app = TestApp::start().await;
    let other = refresh_token(&app.signed_in(ADA).await);
    let mine = app.sign_in(ADA, PASSWORD).await.json();
    let change = json!({ "password": "another horse battery staple", "current_password": PASSWORD });
    let call = app.call(axum::http::Method::PUT, "/auth/v1/user").header("content-type", "application/json");
    let changed = call.bearer(mine["access_token"].as_str().unwrap()).body(change.to_string()).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(app.refresh(&other).await.refusal(), refused("session_not_found"));
    good(app.refresh(&refresh_token(&mine)).await);
}

#[tokio::test]
async fn a_refresh_notes_where_it_came_from_and_a_repeated_one_does_not() {
    let app = TestApp::start().await;
    let first = app.signed_in(ADA).await;
    let body = json!({ "refresh_token": refresh_token(&first) });
    let from = |ip: &str| {
        app.post("/token?grant_type=refresh_token", body.clone()).caller_ip(ip).header("user-agent", "curl/8.5.0")
    };
    app.clock.advance(TimeDelta::seconds(20));
    good(from("198.51.100.7").await);
    app.clock.advance(TimeDelta::seconds(20));
    let last = good(from("198.51.100.8").await);
    let sessions = app.get("/sessions").bearer(last["access_token"].as_str().unwrap()).await.json();
    assert_eq!(sessions[0]["ip"], "198.51.100.7");
    assert_eq!(sessions[0]["user_agent"], "curl");
    assert_eq!(sessions[0]["last_used_at"], "2026-11-22T12:00:20.000000Z");
}

#[tokio::test]
async fn changed_metadata_is_in_the_next_access_token() {
    let app = TestApp::start().await;
    let session = app.signed_in(ADA).await;
    app.database.change(r#"UPDATE edgegate.users SET app_metadata = '{"plan":"gold"}'"#).await;
    let next = good(app.refresh(&refresh_token(&session)).await);
    assert_eq!(tokens::claims(next["access_token"].as_str().unwrap())["app_metadata"]["plan"], "gold");
}

#[tokio::test]
async fn a_rotated_auth_secret_signs_nobody_out() {
    let app = TestApp::start().await;
    let first = refresh_token(&app.signed_in(ADA).await);
    let old = "bm90LWEtc2VjcmV0LW9ubHktZm9yLXRlc3RzLTAxMjM";
    let new = "YW5vdGhlci1zZWNyZXQtdGhhdC1pcy1hcy1sb25nLTQ1Ng";
    let rotated = app.redeployed(&[("AUTH_SECRET", new), ("AUTH_SECRET_PREVIOUS", old)]);
    let second = refresh_token(&good(rotated.refresh(&first).await));
    // An edge that is not deployed yet does not know the new secret; while both run, the new one
    // comes in as a previous one.
    assert_eq!(app.refresh(&second).await.refusal(), refused("refresh_token_not_found"));
    let prepared = app.redeployed(&[("AUTH_SECRET_PREVIOUS", new)]);
    let third = refresh_token(&good(prepared.refresh(&second).await));
    let without = app.redeployed(&[("AUTH_SECRET", new)]);
    assert_eq!(without.refresh(&third).await.refusal(), refused("refresh_token_not_found"));
    let fourth = refresh_token(&good(rotated.refresh(&third).await));
    good(without.refresh(&fourth).await);
}

#[tokio::test]
async fn a_database_that_was_set_back_does_not_take_tokens_it_never_handed_out() {
    let app = TestApp::start().await;
    let first = refresh_token(&app.signed_in(ADA).await);
    let second = refresh_token(&good(app.refresh(&first).await));
    app.database.change("UPDATE edgegate.sessions SET generation = 0").await;
    assert_eq!(app.refresh(&second).await.refusal(), refused("refresh_token_not_found"));
    good(app.refresh(&first).await);
}

#[tokio::test]
async fn in_its_last_second_a_session_gives_no_token_that_would_be_dead_at_once() {
    let app = TestApp::with(&[("SESSION_MAX_DAYS", "1")]).await;
    let token = refresh_token(&app.signed_in(ADA).await);
    app.clock.advance(TimeDelta::days(1) - TimeDelta::milliseconds(999));
    assert_eq!(app.refresh(&token).await.refusal(), refused("session_expired"));
}
