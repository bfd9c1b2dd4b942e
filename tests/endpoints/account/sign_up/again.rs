//! Signing up with an address that signed up before.

use serde_json::{Value, json};

use crate::endpoints::account::sign_up::sign_up;
use crate::support::{Answer, PASSWORD, TestApp};

const OTHER: &str = "another fine passphrase";

/// Header names and body of an answer, with everything blotted out that differs between two new
/// accounts too.
fn shape(answer: &Answer) -> (u16, Vec<(String, String)>, Value) {
    let hidden = ["x-request-id", "set-cookie"];
    let shown = |name: &str, value: &str| if hidden.contains(&name) { String::new() } else { value.to_owned() };
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), shown(name.as_str(), value.to_str().expect("ASCII"))))
        .collect();
    headers.sort();
    let mut body = answer.json();
    let id = body["id"].as_str().expect("an id").to_owned();
    body = serde_json::from_str(&body.to_string().replace(&id, "ID")).expect("JSON");
    (answer.status.as_u16(), headers, body)
}

#[tokio::test]
async fn the_answer_is_the_same_for_new_unconfirmed_confirmed_and_banned_addresses() {
    let app = TestApp::start().await;
    app.signed_in("c@example.com").await;
    app.signed_in("b@example.com").await;
    app.database.change("UPDATE edgegate.users SET banned_until = '2030-01-01' WHERE email = 'b@example.com'").await;
    app.sign_up("u@example.com").await;
    app.clock.advance(chrono::TimeDelta::minutes(2));
    let fresh = app.post("/signup", sign_up("n@example.com")).await;
    for address in ["u@example.com", "c@example.com", "b@example.com"] {
        let answer = app.post("/signup", sign_up(address)).await;
        let (status, headers, body) = shape(&answer);
        let expected = shape(&fresh);
        assert_eq!((status, &headers), (expected.0, &expected.1), "{address}");
        let body: Value = serde_json::from_str(&body.to_string().replace(address, "n@example.com")).expect("JSON");
        assert_eq!(body, expected.2, "{address}");
        let length = |answer: &Answer| answer.header("set-cookie").map(|cookie| cookie.len());
        assert_eq!(length(&answer), length(&fresh));
    }
}

#[tokio::test]
async fn an_address_in_other_case_is_the_same_address() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    app.clock.advance(chrono::TimeDelta::minutes(2));
    app.post("/signup", sign_up("ADA@EXAMPLE.COM")).await.succeeded();
    assert_eq!(app.database.count("users").await, 1);
    assert_eq!(app.mailbox.to("ada@example.com").len(), 2);
}

#[tokio::test]
async fn the_owner_of_a_confirmed_address_is_told_by_mail_and_nothing_changes() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    let before: Value = app.database.value("SELECT to_jsonb(u) FROM edgegate.users u").await;
    app.clock.advance(chrono::TimeDelta::minutes(2));
    let again = json!({ "email": "ada@example.com", "password": OTHER, "data": { "name": "Mallory", "locale": "ru" } });
    app.post("/signup", again).await.succeeded();
    let after: Value = app.database.value("SELECT to_jsonb(u) FROM edgegate.users u").await;
    assert_eq!(after, before);
    let mail = app.mailbox.to("ada@example.com").pop().expect("a mail");
    assert_eq!(mail.subject, "You already have an account with Edgeville");
    assert!(mail.text.contains("https://app.example.com/") && !mail.text.contains("token="), "{}", mail.text);
    assert!(!mail.text.contains("Mallory"));
    assert_eq!(app.sign_in("ada@example.com", OTHER).await.refusal(), (400, "invalid_credentials".to_owned()));
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200);
    let token = session["access_token"].as_str().expect("a token");
    assert_eq!(app.get("/user").bearer(token).await.status, 200);
}

#[tokio::test]
async fn the_cookie_of_a_second_sign_up_opens_nothing() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    app.clock.advance(chrono::TimeDelta::minutes(2));
    app.post("/signup", sign_up("ada@example.com")).await.succeeded();
    assert_eq!(app.database.count("one_time_tokens").await, 1);
    assert_eq!(
        app.database.value::<i64>("SELECT count(*) FROM edgegate.one_time_tokens WHERE consumed_at IS NULL").await,
        0
    );
}

#[tokio::test]
async fn for_an_unconfirmed_address_the_newest_password_counts_and_earlier_links_and_codes_are_dead() {
    let app = TestApp::start().await;
    let first = app.sign_up("ada@example.com").await;
    app.clock.advance(chrono::TimeDelta::minutes(1));
    app.post("/signup", json!({ "email": "ada@example.com", "password": OTHER })).await.succeeded();
    let second = app.mailbox.link_to("ada@example.com");

    assert_eq!(app.get(&format!("/verify?token={}", first.token)).await.status, 410);
    assert_eq!(app.press_button(&first, first.cookie.as_deref()).await.status, 410);
    assert_eq!(app.enter_code("ada@example.com", &first.code).await.refusal(), (403, "otp_expired".to_owned()));
    let by_hash = json!({ "type": "signup", "token_hash": first.token });
    assert_eq!(app.post("/verify", by_hash).await.refusal(), (403, "otp_expired".to_owned()));

    app.enter_code("ada@example.com", &second.code).await.succeeded();
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.refusal(), (400, "invalid_credentials".to_owned()));
    assert_eq!(app.sign_in("ada@example.com", OTHER).await.status, 200);
    assert_eq!(app.database.count("users").await, 1);
}

/// The first to sign up with an address knows a password, which must not be the one that the
/// owner's click confirms.
#[tokio::test]
async fn the_browser_of_an_earlier_sign_up_is_not_the_one_that_the_newest_link_knows() {
    let app = TestApp::start().await;
    let attacker = app.sign_up("ada@example.com").await;
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let answer = app.post("/signup", json!({ "email": "ada@example.com", "password": OTHER })).await.succeeded();
    let owner = app.mailbox.link_to("ada@example.com");
    let elsewhere = app.press_button(&owner, attacker.cookie.as_deref()).await;
    assert_eq!(elsewhere.status, 422, "asks for the password");
    assert_eq!(app.press_button(&owner, Some(&answer.cookie())).await.status, 303);
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.refusal(), (400, "invalid_credentials".to_owned()));
}

#[tokio::test]
async fn a_second_mail_to_the_same_address_has_to_wait_a_minute() {
    let app = TestApp::start().await;
    app.sign_up("ada@example.com").await;
    app.clock.advance(chrono::TimeDelta::seconds(21));
    let answer = app.post("/signup", json!({ "email": "ADA@example.com", "password": OTHER })).await;
    assert_eq!(answer.refusal(), (429, "over_email_send_rate_limit".to_owned()));
    assert_eq!(answer.json()["msg"], "For security purposes, you can only request this after 39 seconds.");
    assert_eq!(answer.header("retry-after").as_deref(), Some("39"));
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(app.mailbox.mails().len(), 1);
    app.clock.advance(chrono::TimeDelta::seconds(39));
    app.post("/signup", json!({ "email": "ada@example.com", "password": OTHER })).await.succeeded();
}

#[tokio::test]
async fn refused_for_the_mail_limit_a_sign_up_replaces_no_password() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let refused = app.post("/signup", json!({ "email": "ada@example.com", "password": OTHER })).await;
    assert_eq!(refused.status, 429);
    app.enter_code("ada@example.com", &link.code).await.succeeded();
    assert_eq!(app.sign_in("ada@example.com", OTHER).await.status, 400);
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn nobodys_mailbox_can_be_flooded() {
    let app = TestApp::start().await;
    let mut sent = 0;
    for _ in 0..60 {
        sent += u32::from(app.post("/signup", sign_up("ada@example.com")).await.status == 200);
        app.clock.advance(chrono::TimeDelta::minutes(1));
    }
    assert_eq!(sent, 20);
    assert_eq!(app.mailbox.mails().len(), 20);
    let refused = app.post("/signup", sign_up("ada@example.com")).await;
    assert_eq!(refused.status, 429);
    assert_eq!(app.post("/signup", sign_up("bob@example.com")).await.status, 200, "others are not hindered");
    app.clock.advance(chrono::TimeDelta::hours(24));
    assert_eq!(app.post("/signup", sign_up("ada@example.com")).await.status, 200, "nor is she for good");
}

#[tokio::test]
async fn the_mail_limit_is_the_same_for_confirmed_addresses() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    let answer = app.post("/signup", sign_up("ada@example.com")).await;
    assert_eq!(answer.refusal(), (429, "over_email_send_rate_limit".to_owned()));
    assert_eq!(answer.header("retry-after").as_deref(), Some("60"));
}
