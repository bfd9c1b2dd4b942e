//! `GET /reauthenticate`: a mailed code that stands in for the current password.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::client::{ADA, BOB, Client};
use crate::support::{Answer, TestApp};

const NEW: &str = "another horse battery staple";

/// Somebody who signed in with the password.
async fn signed_in(app: &TestApp, email: &str) -> Client {
    Client::new(app, email).await;
    app.clock.advance(TimeDelta::minutes(1));
    Client::another(app, email).await
}

/// Asks for the code and reads it.
async fn nonce(app: &TestApp, client: &Client, email: &str) -> String {
    client.get(app, "/reauthenticate").await.succeeded();
    let mail = app.mailbox.to(email).pop().expect("a mail");
    assert!(!mail.text.contains("/verify?token="), "there is no link: {}", mail.text);
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    mail.text.split_whitespace().find(is_code).expect("a code").to_owned()
}

async fn change(app: &TestApp, client: &Client, nonce: &str) -> Answer {
    client.update(app, json!({ "password": NEW, "nonce": nonce })).await
}

fn wrong() -> (u16, String) {
    (422, "reauthentication_not_valid".to_owned())
}

#[tokio::test]
async fn the_code_works_once_for_ten_minutes() {
    let app = TestApp::start().await;
    let ada = signed_in(&app, ADA).await;
    let code = nonce(&app, &ada, ADA).await;
    app.clock.advance(TimeDelta::minutes(10) - TimeDelta::seconds(1));
    let ada = ada.with_fresh_token(&app);
    change(&app, &ada, &code).await.succeeded();
    assert_eq!(change(&app, &ada, &code).await.refusal(), wrong());
    assert_eq!(app.sign_in(ADA, NEW).await.status, 200);
    let late = nonce(&app, &ada, ADA).await;
    app.clock.advance(TimeDelta::minutes(10));
    assert_eq!(change(&app, &ada.with_fresh_token(&app), &late).await.refusal(), wrong());
}

#[tokio::test]
async fn five_wrong_ones_kill_it_and_the_next_one_too() {
    let app = TestApp::start().await;
    let ada = signed_in(&app, ADA).await;
    let code = nonce(&app, &ada, ADA).await;
    let other = if code == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(change(&app, &ada, other).await.refusal(), wrong());
    }
    assert_eq!(change(&app, &ada, &code).await.refusal(), wrong());
    app.clock.advance(TimeDelta::minutes(1));
    let next = nonce(&app, &ada, ADA).await;
    assert_eq!(change(&app, &ada, &next).await.refusal(), wrong());
    app.clock.advance(TimeDelta::days(1));
    let ada = Client::another(&app, ADA).await;
    let tomorrow = nonce(&app, &ada, ADA).await;
    change(&app, &ada, &tomorrow).await.succeeded();
}

#[tokio::test]
async fn it_is_nobody_elses_and_no_code_of_another_kind() {
    let app = TestApp::start().await;
    let (ada, bob) = (signed_in(&app, ADA).await, signed_in(&app, BOB).await);
    let code = nonce(&app, &bob, BOB).await;
    assert_eq!(change(&app, &ada, &code).await.refusal(), wrong());
    let own = nonce(&app, &ada, ADA).await;
    for kind in ["signup", "recovery", "email_change", "reauthentication"] {
        let answer = app.post("/verify", json!({ "type": kind, "token": own, "email": ADA })).await;
        assert_ne!(answer.status, 200, "{kind}");
    }
    change(&app, &ada, &own).await.succeeded();
}

#[tokio::test]
async fn one_a_minute_leaves() {
    let app = TestApp::start().await;
    let ada = signed_in(&app, ADA).await;
    nonce(&app, &ada, ADA).await;
    let again = ada.get(&app, "/reauthenticate").await;
    assert_eq!(again.refusal(), (429, "over_email_send_rate_limit".to_owned()));
    app.clock.advance(TimeDelta::minutes(1));
    nonce(&app, &ada, ADA).await;
}

#[tokio::test]
async fn whoever_is_not_signed_in_any_more_gets_none() {
    let app = TestApp::start().await;
    let ada = signed_in(&app, ADA).await;
    ada.sign_out(&app, "?scope=local").await;
    assert_eq!(ada.get(&app, "/reauthenticate").await.refusal(), crate::support::client::session_is_over());
    assert_eq!(app.get("/reauthenticate").await.refusal(), (401, "no_authorization".to_owned()));
}
