//! `DELETE /user`: an account goes because its owner says so.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::client::{ADA, Client};
use crate::support::{Answer, PASSWORD, TestApp};

async fn delete(app: &TestApp, client: &Client, body: Option<Value>) -> Answer {
    let call = app.call(Method::DELETE, "/auth/v1/user").bearer(&client.access);
    match body {
        Some(body) => call.header("content-type", "application/json").body(body.to_string()).await,
        None => call.await,
    }
}

/// Every place in the database, besides those that are meant to, that still knows the account.
async fn traces(app: &TestApp, client: &Client) -> Vec<String> {
    let id = client.user.to_string();
    let contents = app.database.contents().await;
    contents
        .lines()
        .filter(|line| !line.starts_with("deleted_users"))
        .filter(|line| line.contains(ADA) || (line.contains(&id) && !line.starts_with("audit_events")))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn nothing_is_left_but_an_id_that_nobody_gets_again_and_a_nameless_trail() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let other = Client::another(&app, ADA).await;
    assert_eq!(delete(&app, &ada, None).await.status, 204);
    assert_eq!(traces(&app, &ada).await, Vec::<String>::new());
    let places = "SELECT count(*) FROM edgegate.audit_events WHERE ip IS NOT NULL OR user_agent IS NOT NULL";
    assert_eq!(app.database.value::<i64>(places).await, 0);
    for client in [&ada, &other] {
        assert_eq!(client.get(&app, "/user").await.refusal(), (401, "user_not_found".to_owned()));
        assert_eq!(app.refresh(&client.refresh).await.code(), "session_not_found");
        assert!(app.kv.holds(client.session));
    }
    assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(app.mailbox.to(ADA).len(), 2, "the confirmation, and the farewell");
    let again = format!(
        "INSERT INTO edgegate.users (id, email, locale, created_at, updated_at)
         VALUES ('{}', 'thief@example.com', 'en', now(), now())",
        ada.user
    );
    assert_eq!(app.database.change(&again).await, 0);
    app.clock.advance(TimeDelta::minutes(1));
    assert_ne!(Client::new(&app, ADA).await.user, ada.user);
}

#[tokio::test]
async fn it_takes_a_fresh_sign_in_the_password_or_a_nonce() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::minutes(5));
    let ada = ada.refreshed(&app).await;
    app.clock.advance(TimeDelta::minutes(5));
    let before = app.database.contents().await;
    for body in [None, Some(json!({})), Some(json!({ "current_password": null, "nonce": null }))] {
        assert_eq!(delete(&app, &ada, body).await.refusal(), (400, "reauthentication_needed".to_owned()));
    }
    assert_eq!(app.database.contents().await, before);
    let wrong = delete(&app, &ada, Some(json!({ "current_password": "not the password" }))).await;
    assert_eq!(wrong.refusal(), (400, "current_password_invalid".to_owned()));
    for nonce in ["", "12345", "000000", "ü"] {
        let wrong = delete(&app, &ada, Some(json!({ "nonce": nonce }))).await;
        assert_eq!(wrong.refusal(), (422, "reauthentication_not_valid".to_owned()), "{nonce}");
    }
    ada.get(&app, "/user").await.succeeded();
    assert_eq!(delete(&app, &ada, Some(json!({ "current_password": PASSWORD }))).await.status, 204);
}

#[tokio::test]
async fn with_a_grace_period_it_goes_later_and_signing_in_keeps_it() {
    let app = TestApp::with(&[("ACCOUNT_DELETION_GRACE_DAYS", "14"), ("SIGN_IN_BY_EMAIL", "true")]).await;
    let ada = Client::new(&app, ADA).await;
    let answer = delete(&app, &ada, None).await.succeeded().json();
    assert_eq!(answer, json!({ "delete_after": "2026-12-06T12:00:00.000000Z" }));
    ada.has_ended(&app).await;
    assert!(app.mailbox.to(ADA).pop().expect("a mail").text.contains("6\u{a0}December 2026"));
    app.clock.advance(TimeDelta::days(13));
    let back = Client::another(&app, ADA).await;
    assert_eq!(back.get(&app, "/user").await.json().get("delete_after"), None, "signing in keeps it");

    delete(&app, &back, None).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/otp", json!({ "email": ADA })).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    let session = app.post("/verify", json!({ "type": "email", "token": link.code, "email": ADA })).await.succeeded();
    assert_eq!(session.json()["user"].get("delete_after"), None);
}

#[tokio::test]
async fn of_many_deletions_at_once_all_find_the_account_gone_and_one_mail_leaves() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let calls = (0..8).map(|_| app.call(Method::DELETE, "/auth/v1/user").bearer(&ada.access).send_only());
    let answers = futures_util::future::join_all(calls).await;
    app.settle().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1);
    assert!(answers.iter().all(|answer| [204, 401].contains(&answer.status.as_u16())), "{answers:?}");
    assert_eq!(app.mailbox.to(ADA).len(), 2);
}

#[tokio::test]
async fn recovering_within_the_grace_period_keeps_it_also_where_nobody_is_signed_in_by_that() {
    let app = TestApp::with(&[("ACCOUNT_DELETION_GRACE_DAYS", "14")]).await;
    for for_app in [false, true] {
        let email = format!("ada{for_app}@example.com");
        let ada = Client::new(&app, &email).await;
        delete(&app, &ada, None).await.succeeded();
        app.clock.advance(TimeDelta::minutes(1));
        let mut body = json!({ "email": email });
        if for_app {
            body["code_challenge"] = json!("x".repeat(43));
            body["code_challenge_method"] = json!("plain");
        }
        app.post("/recover", body).await.succeeded();
        let link = app.mailbox.link_to(&email);
        let fields = [("token", link.token.as_str()), ("password", "another horse battery staple")];
        assert_eq!(app.submit("/verify/confirm", &fields).await.status, 303);
    }
    app.clock.advance(TimeDelta::days(15));
    app.sweep().await;
    assert_eq!(app.database.count("users").await, 2);
}

#[tokio::test]
async fn whoever_came_back_and_deletes_again_has_the_whole_grace_period_again() {
    let app = TestApp::with(&[("ACCOUNT_DELETION_GRACE_DAYS", "14")]).await;
    let ada = Client::new(&app, ADA).await;
    delete(&app, &ada, None).await.succeeded();
    app.clock.advance(TimeDelta::days(10));
    let back = Client::another(&app, ADA).await;
    let answer = delete(&app, &back, None).await.succeeded().json();
    assert_eq!(answer, json!({ "delete_after": "2026-12-16T12:00:00.000000Z" }));
    app.clock.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.count("users").await, 1);
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.count("users").await, 0);
    app.sign_up(ADA).await;
}
