//! `PUT /user` with `data`: merged into what there is.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::client::{ADA, Client};

async fn merged(app: &TestApp, ada: &Client, data: Value) -> Value {
    ada.update(app, json!({ "data": data })).await.succeeded().json()["user_metadata"].clone()
}

#[tokio::test]
async fn members_are_added_and_replaced_and_null_removes_one() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    assert_eq!(merged(&app, &ada, json!({ "a": 1, "b": { "x": 1, "y": null } })).await["b"]["x"], 1);
    let data = merged(&app, &ada, json!({ "b": { "z": 2 }, "c": [null] })).await;
    assert_eq!(data, json!({ "a": 1, "b": { "z": 2 }, "c": [null] }), "merged at the top, replaced below");
    assert_eq!(
        merged(&app, &ada, json!({ "a": null, "nothing": null })).await,
        json!({ "b": { "z": 2 }, "c": [null] })
    );
    assert_eq!(merged(&app, &ada, json!({})).await, json!({ "b": { "z": 2 }, "c": [null] }));
}

/// In bytes, since it is in every access token: an emoji of one character has four.
#[tokio::test]
async fn together_they_are_no_larger_than_16_kib_whatever_the_script() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let part = "\u{1f600}".repeat(1900);
    assert!(merged(&app, &ada, json!({ "a": part })).await["a"].is_string());
    assert!(merged(&app, &ada, json!({ "b": part })).await["b"].is_string());
    let before = app.database.contents().await;
    let answer = ada.update(&app, json!({ "data": { "c": part } })).await;
    assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()));
    assert_eq!(app.database.contents().await, before);
    assert!(merged(&app, &ada, json!({ "a": null, "c": part })).await["c"].is_string(), "what goes makes room");
    ada.refreshed(&app).await.goes_on(&app).await;
}

#[tokio::test]
async fn the_language_of_mails_follows() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    merged(&app, &ada, json!({ "locale": "ru-RU" })).await;
    app.clock.advance(chrono::TimeDelta::minutes(1));
    app.post("/recover", json!({ "email": ADA })).await.succeeded();
    let subject = app.mailbox.to(ADA).pop().expect("a mail").subject;
    assert!(subject.chars().any(|letter| ('а'..='я').contains(&letter)), "{subject}");
}
