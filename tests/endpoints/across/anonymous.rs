//! Anonymous accounts: `POST /signup` without an address, and what becomes of them.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::client::{ADA, Client};
use crate::support::{PASSWORD, TestApp, tokens};

async fn app() -> TestApp {
    TestApp::with(&[("ANONYMOUS_SIGN_INS", "true")]).await
}

async fn anonymous(app: &TestApp) -> Client {
    Client::of(&app.post("/signup", json!({ "data": { "cart": [1] } })).await.succeeded().json())
}

#[tokio::test]
async fn where_they_are_not_offered_nobody_is_let_in() {
    let app = TestApp::start().await;
    for body in
        [json!({}), json!({ "data": {} }), json!({ "email": "" }), json!({ "email": null, "password": PASSWORD })]
    {
        assert_eq!(app.post("/signup", body).await.refusal(), (422, "anonymous_provider_disabled".to_owned()));
    }
    assert_eq!(app.database.traffic(), (0, 0));
}

#[tokio::test]
async fn whoever_comes_is_signed_in_and_their_tokens_say_so() {
    let app = app().await;
    let session = app.post("/signup", json!({ "data": { "cart": [1] } })).await.succeeded().json();
    let user = &session["user"];
    assert_eq!(
        (&user["is_anonymous"], &user["email"], &user["identities"], &user["app_metadata"], &user["user_metadata"]),
        (&json!(true), &json!(""), &json!([]), &json!({}), &json!({ "cart": [1] }))
    );
    let client = Client::of(&session);
    let claims = tokens::claims(&client.access);
    assert_eq!((&claims["is_anonymous"], &claims["amr"][0]["method"]), (&json!(true), &json!("anonymous")));
    client.goes_on(&app).await;
    assert!(app.mailbox.mails().is_empty());
}

#[tokio::test]
async fn with_an_address_it_becomes_a_full_account_and_keeps_its_id() {
    for with_password in [true, false] {
        let app = app().await;
        let client = anonymous(&app).await;
        let mut body = json!({ "email": ADA });
        if with_password {
            body["password"] = json!(PASSWORD);
        }
        let asked = client.update(&app, body).await.succeeded();
        assert_eq!((&asked.json()["is_anonymous"], &asked.json()["new_email"]), (&json!(true), &json!(ADA)));
        assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials", "nothing is confirmed yet");
        let link = app.mailbox.link_to(ADA);
        let confirmed = app.press_button(&link, Some(&asked.cookie())).await;
        assert_eq!(confirmed.status, 200);
        let user = client.get(&app, "/user").await.succeeded().json();
        assert_eq!((&user["id"], &user["email"]), (&json!(client.user), &json!(ADA)));
        assert_eq!((&user["is_anonymous"], &user["app_metadata"]["provider"]), (&json!(false), &json!("email")));
        assert_eq!(user["user_metadata"], json!({ "cart": [1] }));
        assert_eq!(user["identities"].as_array().map(Vec::len), Some(1));
        assert_eq!(app.sign_in(ADA, PASSWORD).await.status == 200, with_password);
        assert_eq!(tokens::claims(&client.refreshed(&app).await.access)["is_anonymous"], json!(false));
    }
}

#[tokio::test]
async fn a_strangers_anonymous_account_does_not_get_your_address_by_your_click() {
    let app = app().await;
    let attacker = anonymous(&app).await;
    attacker.update(&app, json!({ "email": ADA, "password": "the attacker's own password" })).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    let page = app.get(&format!("/verify?token={}", link.token)).await.text();
    assert!(page.contains("name=\"password\""));
    assert_eq!(app.submit("/verify/confirm", &[("token", &link.token)]).await.status, 422);
    let own = [("token", link.token.as_str()), ("password", PASSWORD), ("password_is", "new")];
    assert_eq!(app.submit("/verify/confirm", &own).await.status, 200);
    assert_eq!(attacker.get(&app, "/user").await.refusal(), crate::support::client::session_is_over());
    assert_eq!(app.refresh(&attacker.refresh).await.code(), "session_not_found");
    assert_eq!(app.sign_in(ADA, "the attacker's own password").await.code(), "invalid_credentials");
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_password_without_an_address_is_of_no_use() {
    let app = app().await;
    let client = anonymous(&app).await;
    assert_eq!(
        client.update(&app, json!({ "password": PASSWORD })).await.refusal(),
        (400, "validation_failed".to_owned())
    );
    assert_eq!(client.get(&app, "/reauthenticate").await.refusal(), (400, "validation_failed".to_owned()));
}

#[tokio::test]
async fn a_network_makes_no_more_than_its_share_and_gets_it_back_evenly() {
    let app = TestApp::with(&[("ANONYMOUS_SIGN_INS", "true"), ("ANONYMOUS_PER_NETWORK_HOUR", "3")]).await;
    for _ in 0..3 {
        anonymous(&app).await;
    }
    let refused = app.post("/signup", json!({})).await;
    assert_eq!(refused.refusal(), (429, "over_request_rate_limit".to_owned()));
    assert_eq!(refused.header("retry-after").as_deref(), Some("1200"));
    app.post("/signup", json!({})).caller_ip("203.0.113.9").await.succeeded();
    app.clock.advance(TimeDelta::minutes(20) - TimeDelta::seconds(1));
    assert_eq!(app.post("/signup", json!({})).await.status, 429);
    app.clock.advance(TimeDelta::seconds(1));
    anonymous(&app).await;
    assert_eq!(app.post("/signup", json!({})).await.status, 429);
    app.clock.advance(TimeDelta::hours(1));
    for _ in 0..3 {
        anonymous(&app).await;
    }
}
