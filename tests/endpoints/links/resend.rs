//! `POST /resend`: another link and code for an address that is not confirmed yet.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::client::audited;
use crate::support::{PASSWORD, TestApp};

fn resend(email: &str) -> Value {
    json!({ "type": "signup", "email": email })
}

#[tokio::test]
async fn it_mails_another_link_and_code_and_the_old_ones_are_dead() {
    let app = TestApp::start().await;
    let first = app.sign_up("ada@example.com").await;
    app.clock.advance(TimeDelta::minutes(1));
    let answer = app.post("/resend", resend("ADA@example.com")).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "{}".to_owned()));
    assert_eq!(answer.header("set-cookie"), None);
    let second = app.mailbox.link_to("ada@example.com");
    assert!(second.token != first.token && second.code != first.code);
    assert_eq!(app.press_button(&first, first.cookie.as_deref()).await.status, 410);
    assert_eq!(app.enter_code("ada@example.com", &first.code).await.status, 403);
    assert_eq!(app.enter_code("ada@example.com", &second.code).await.status, 200);
}

#[tokio::test]
async fn the_browser_that_signed_up_keeps_its_binding() {
    let app = TestApp::start().await;
    let first = app.sign_up("ada@example.com").await;
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/resend", resend("ada@example.com")).await.succeeded();
    let second = app.mailbox.link_to("ada@example.com");
    assert_eq!(app.press_button(&second, first.cookie.as_deref()).await.status, 303);
}

#[tokio::test]
async fn whoever_asks_for_the_mail_does_not_get_the_binding() {
    let app = TestApp::start().await;
    app.sign_up("ada@example.com").await;
    let stranger = app.sign_up("eve@example.com").await.cookie.expect("a cookie");
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/resend", resend("ada@example.com")).cookie(&stranger).await.succeeded();
    let link = app.mailbox.link_to("ada@example.com");
    assert_eq!(app.press_button(&link, Some(&stranger)).await.status, 422);
    assert_eq!(app.press_button(&link, None).await.status, 422);
}

#[tokio::test]
async fn the_answer_is_the_same_byte_for_byte_whatever_the_account() {
    let app = TestApp::start().await;
    app.signed_in("confirmed@example.com").await;
    app.sign_up("unconfirmed@example.com").await;
    app.clock.advance(TimeDelta::minutes(1));
    let mut shapes = std::collections::BTreeSet::new();
    for address in ["confirmed@example.com", "unconfirmed@example.com", "nobody@example.com"] {
        for _ in 0..2 {
            let answer = app.post("/resend", resend(address)).await;
            let mut headers: Vec<String> = answer
                .headers
                .iter()
                .filter(|(name, _)| name.as_str() != "x-request-id")
                .map(|(name, value)| format!("{name}: {value:?}"))
                .collect();
            headers.sort();
            shapes.insert((answer.status.as_u16(), headers, answer.text()));
        }
    }
    assert_eq!(shapes.len(), 2, "the first answer and the one about the limit: {shapes:?}");
}

#[tokio::test]
async fn only_an_unconfirmed_address_gets_a_mail() {
    let app = TestApp::start().await;
    app.signed_in("confirmed@example.com").await;
    app.clock.advance(TimeDelta::minutes(1));
    let before = (app.mailbox.mails().len(), app.database.count("outbox").await);
    for address in ["confirmed@example.com", "nobody@example.com"] {
        app.post("/resend", resend(address)).await.succeeded();
    }
    let after = (app.mailbox.mails().len(), app.database.count("outbox").await);
    assert_eq!(after, before);
    assert_eq!(audited(&app, "email_requested_for_unknown_address").await.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn it_shares_the_mail_limit_with_sign_up() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    app.clock.advance(TimeDelta::seconds(59));
    let answer = app.post("/resend", resend("ada@example.com")).await;
    assert_eq!(answer.refusal(), (429, "over_email_send_rate_limit".to_owned()));
    assert_eq!(answer.json()["msg"], "For security purposes, you can only request this after 1 seconds.");
    assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
    assert_eq!(app.enter_code("ada@example.com", &link.code).await.status, 200, "refused, it killed nothing");
}

#[tokio::test]
async fn the_mail_is_in_the_language_of_the_account() {
    let app = TestApp::start().await;
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "data": { "lang": "ru" } });
    app.post("/signup", body).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/resend", resend("ada@example.com")).header("accept-language", "en").await.succeeded();
    assert_eq!(app.mailbox.mails()[1].subject, "Edgeville: подтвердите адрес электронной почты");
}

/// Anybody may ask for another mail; were the target theirs to choose, they could send the tokens
/// to a page that leaks them.
#[tokio::test]
async fn where_to_go_afterwards_stays_as_the_sign_up_said() {
    let app = TestApp::start().await;
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    let cookie = app.post("/signup?redirect_to=https://app.example.com/first", body).await.succeeded().cookie();
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/resend?redirect_to=https://app.example.com/second", resend("ada@example.com")).await.succeeded();
    let answer = app.press_button(&app.mailbox.link_to("ada@example.com"), Some(&cookie)).await;
    assert_eq!(answer.redirect().0, "https://app.example.com/first");
}

#[tokio::test]
async fn of_thirty_two_at_once_one_mail_leaves() {
    let app = TestApp::start().await;
    app.sign_up("ada@example.com").await;
    app.clock.advance(TimeDelta::minutes(1));
    let answers = join_all((0..32).map(|_| app.post("/resend", resend("ada@example.com")).send())).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(app.mailbox.mails().len(), 2);
    assert_eq!(app.enter_code("ada@example.com", &app.mailbox.link_to("ada@example.com").code).await.status, 200);
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let app = TestApp::start().await;
    let before = app.database.contents().await;
    for (body, status, code, message) in [
        (json!({}), 400, "validation_failed", "Missing one of these types: signup, email_change"),
        (
            json!({ "type": "recovery", "email": "a@example.com" }),
            400,
            "validation_failed",
            "Missing one of these types: signup, email_change",
        ),
        (json!({ "type": "signup" }), 400, "validation_failed", "Type provided requires an email address"),
        (
            json!({ "type": "signup", "email": null }),
            400,
            "validation_failed",
            "Type provided requires an email address",
        ),
        (json!({ "type": "sms", "phone": "+1234567" }), 400, "phone_provider_disabled", "Phone signups are disabled"),
        (
            json!({ "type": "signup", "email": "a@b" }),
            400,
            "email_address_invalid",
            "Unable to validate email address: invalid format",
        ),
    ] {
        let answer = app.post("/resend", body.clone()).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{body}");
        assert_eq!(answer.json()["msg"], message);
    }
    assert_eq!(app.database.contents().await, before);
}
