//! Lost answers to calls that refresh, end and list sessions, and to those that end them on the
//! way.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::endpoints::across::lost_answers::{from_here, is_the_same};
use crate::support::{Call, PASSWORD, TestApp, tokens};

const ADA: &str = "ada@example.com";

fn access_token(session: &Value) -> &str {
    session["access_token"].as_str().expect("an access token")
}

fn refresh_token(session: &Value) -> &str {
    session["refresh_token"].as_str().expect("a refresh token")
}

fn put<'a>(app: &'a TestApp, path: &str, token: &str, body: &Value) -> Call<'a> {
    let call = app.call(Method::PUT, &format!("/auth/v1{path}")).header("content-type", "application/json");
    call.bearer(token).body(body.to_string())
}

#[tokio::test]
async fn refreshing_whatever_the_interval() {
    for interval in ["30", "0"] {
        is_the_same("refresh", 1, &[("REFRESH_REUSE_INTERVAL", interval)], async |app: &TestApp| {
            let session = app.signed_in(ADA).await;
            app.clock.advance(TimeDelta::minutes(1));
            from_here(app);
            let answer = app.refresh(refresh_token(&session)).await;
            let next = answer.json();
            assert_eq!(app.refresh(refresh_token(&next)).await.status, 200, "the token that came is the current one");
            answer
        })
        .await;
    }
}

#[tokio::test]
async fn replaying_an_old_token() {
    // The second statement records that KV knows, the third that the mail was sent.
    is_the_same("replay", 3, &[], async |app: &TestApp| {
        let session = app.signed_in(ADA).await;
        app.refresh(refresh_token(&session)).await.succeeded();
        app.clock.advance(TimeDelta::minutes(1));
        from_here(app);
        let answer = app.refresh(refresh_token(&session)).await;
        assert_eq!(answer.code(), "refresh_token_already_used");
        answer
    })
    .await;
}

#[tokio::test]
async fn signing_out_of_each_scope() {
    for scope in ["local", "global", "others"] {
        is_the_same(scope, 2, &[], async |app: &TestApp| {
            app.signed_in(ADA).await;
            let session = app.sign_in(ADA, PASSWORD).await.json();
            app.clock.advance(TimeDelta::minutes(1));
            from_here(app);
            app.post(&format!("/logout?scope={scope}"), json!({})).bearer(access_token(&session)).await
        })
        .await;
    }
}

#[tokio::test]
async fn ending_one_session_and_listing_them() {
    is_the_same("end one", 2, &[], async |app: &TestApp| {
        let other = app.signed_in(ADA).await;
        let session = app.sign_in(ADA, PASSWORD).await.json();
        let id = tokens::claims(access_token(&other))["session_id"].as_str().expect("an id").to_owned();
        app.clock.advance(TimeDelta::minutes(1));
        from_here(app);
        app.call(Method::DELETE, &format!("/auth/v1/sessions/{id}")).bearer(access_token(&session)).await
    })
    .await;
    is_the_same("list", 1, &[], async |app: &TestApp| {
        let session = app.signed_in(ADA).await;
        from_here(app);
        app.get("/sessions").bearer(access_token(&session)).await
    })
    .await;
}

#[tokio::test]
async fn changing_the_password() {
    is_the_same("password", 3, &[], async |app: &TestApp| {
        app.signed_in(ADA).await;
        let session = app.sign_in(ADA, PASSWORD).await.json();
        let body = json!({ "password": "another horse battery staple", "current_password": PASSWORD });
        from_here(app);
        put(app, "/user", access_token(&session), &body).await
    })
    .await;
}

#[tokio::test]
async fn banning_and_deleting() {
    for (method, body) in [(Method::PUT, json!({ "ban_duration": "24h" })), (Method::DELETE, json!({}))] {
        is_the_same(method.as_str(), 2, &[], async |app: &TestApp| {
            let session = app.signed_in(ADA).await;
            let path = format!("/auth/v1/admin/users/{}", session["user"]["id"].as_str().expect("an id"));
            app.clock.advance(TimeDelta::minutes(1));
            from_here(app);
            let call = app.call(method.clone(), &path).header("content-type", "application/json");
            let answer = call.bearer(&tokens::service()).body(body.to_string()).await;
            // Of an account that is gone, the second answer cannot name the sessions: the Cron
            // Trigger tells KV.
            app.sweep().await;
            answer
        })
        .await;
    }
}

#[tokio::test]
async fn signing_in_beyond_the_number_of_sessions() {
    is_the_same("sign in, the oldest ends", 2, &[("SESSIONS_PER_USER", "1")], async |app: &TestApp| {
        app.signed_in(ADA).await;
        app.clock.advance(TimeDelta::minutes(1));
        from_here(app);
        let answer = app.sign_in(ADA, PASSWORD).await;
        // Where the answer that named the ended session was lost, the Cron Trigger tells KV.
        app.sweep().await;
        answer
    })
    .await;
}
