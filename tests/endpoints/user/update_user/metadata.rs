//! `PUT /user` with `data`: merged into what there is.

use serde_json::{Value, json};

use crate::support::client::{ADA, Client};
use crate::support::{PASSWORD, TestApp};

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

/// What a call accepted hinders no later one, however close to the limit it is.
#[tokio::test]
async fn metadata_that_fills_its_room_is_in_nobodys_way() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let of_size = |bytes: usize| {
        let members: serde_json::Map<_, _> = (0..1_400).map(|n| (format!("{n:04}"), json!(1))).collect();
        let mut data = Value::Object(members);
        let left = bytes - edgegate::domain::account::metadata::stored_bytes(&data) - ", \"text\": \"\"".len();
        data["text"] = json!("x".repeat(left));
        data
    };
    let too_large = ada.update(&app, json!({ "data": of_size(16 * 1024 + 1) })).await;
    assert_eq!(too_large.refusal(), (400, "validation_failed".to_owned()));
    merged(&app, &ada, of_size(16 * 1024)).await;
    assert_eq!(ada.change_password(&app, PASSWORD, "another horse battery staple").await.status, 200);
    assert_eq!(ada.update(&app, json!({ "email": "ada@example.org" })).await.status, 200);
    assert!(merged(&app, &ada, json!({ "0000": 2 })).await["text"].is_string(), "what is no larger than before");
    let answer = ada.update(&app, json!({ "data": { "one more": 1 } })).await;
    assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()));
}

#[tokio::test]
async fn a_number_takes_the_room_of_all_its_digits() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let answer = ada.update(&app, json!({ "data": { "numbers": vec![1e308; 60] } })).await;
    assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()));
    let signed_up = json!({ "email": "bob@example.com", "password": PASSWORD, "data": { "numbers": vec![1e308; 60] } });
    assert_eq!(app.post("/signup", signed_up).await.refusal(), (400, "validation_failed".to_owned()));
    assert!(merged(&app, &ada, json!({ "number": 1e308 })).await["number"].is_number());
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
