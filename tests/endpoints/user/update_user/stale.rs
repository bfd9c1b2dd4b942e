//! An access token says which address the account has, and whether it is anonymous, as of when it
//! was made. By now that may be over.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::json;

use crate::support::client::{ADA, BOB, Client, no_error_was_logged};
use crate::support::{Call, PASSWORD, TestApp};

const NEW: &str = "another horse battery staple";

fn stale() -> (u16, String) {
    (409, "conflict".to_owned())
}

fn delete<'a>(app: &'a TestApp, client: &Client) -> Call<'a> {
    app.call(Method::DELETE, "/auth/v1/user").bearer(&client.access)
}

/// An anonymous account that was converted, by a client that has not refreshed since.
async fn converted(app: &TestApp) -> Client {
    let client = Client::of(&app.post("/signup", json!({ "data": {} })).await.succeeded().json());
    let cookie = client.update(app, json!({ "email": ADA, "password": PASSWORD })).await.succeeded().cookie();
    assert_eq!(app.press_button(&app.mailbox.link_to(ADA), Some(&cookie)).await.status, 200);
    app.clock.advance(TimeDelta::minutes(1));
    client
}

/// Ada changes her address, with the client that this returns, whose token is the one from before.
async fn moved(app: &TestApp) -> Client {
    let ada = Client::new(app, ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    let cookie = ada.update(app, json!({ "email": BOB })).await.succeeded().cookie();
    app.submit("/verify/confirm", &[("token", &app.mailbox.link_to(ADA).token)]).await;
    assert_eq!(app.press_button(&app.mailbox.link_to(BOB), Some(&cookie)).await.status, 200);
    app.clock.advance(TimeDelta::minutes(1));
    ada
}

#[tokio::test]
async fn an_anonymous_token_of_a_converted_account_proves_nothing_any_more() {
    let app = TestApp::with(&[("ANONYMOUS_SIGN_INS", "true")]).await;
    let old = converted(&app).await;
    let owner = Client::another(&app, ADA).await;
    let asks = json!({ "email": "eve@example.com", "password": NEW });
    assert_eq!(old.update(&app, asks).await.refusal(), stale());
    assert_eq!(delete(&app, &old).await.refusal(), stale());
    assert_eq!(old.update(&app, json!({ "email": "eve@example.com" })).await.refusal(), stale());
    owner.goes_on(&app).await;
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
    no_error_was_logged(&app);
    app.clock.advance(TimeDelta::minutes(1));
    old.refreshed(&app).await.update(&app, json!({ "email": "eve@example.com" })).await.succeeded();
}

#[tokio::test]
async fn links_and_codes_are_not_made_for_an_address_that_was_left() {
    let app = TestApp::start().await;
    let old = moved(&app).await;
    let mails = app.mailbox.mails().len();
    assert_eq!(old.update(&app, json!({ "email": "eve@example.com" })).await.refusal(), stale());
    assert_eq!(old.get(&app, "/reauthenticate").await.refusal(), stale());
    let by_nonce = json!({ "password": NEW, "nonce": "123456" });
    assert_eq!(old.update(&app, by_nonce).await.refusal(), stale());
    assert_eq!(app.mailbox.mails().len(), mails);
    let now = old.refreshed(&app).await;
    app.clock.advance(TimeDelta::minutes(1));
    now.update(&app, json!({ "email": "eve@example.com" })).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    now.get(&app, "/reauthenticate").await.succeeded();
    let nonce = app.mailbox.to(BOB).pop().expect("a mail").text;
    let nonce = nonce.split_whitespace().find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()));
    now.update(&app, json!({ "password": NEW, "nonce": nonce })).await.succeeded();
}

#[tokio::test]
async fn what_does_not_depend_on_the_address_still_works() {
    let app = TestApp::start().await;
    let old = moved(&app).await;
    old.update(&app, json!({ "data": { "name": "Ada" } })).await.succeeded();
    old.change_password(&app, PASSWORD, NEW).await.succeeded();
}
