//! Two people sign up for one address, told apart by browser and network: whose password it is
//! nobody knows then, so neither code nor link token confirms it alone.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Answer, MailedLink, PASSWORD, TestApp};

const ADA: &str = "ada@example.com";
const STRANGERS: &str = "the stranger's own password";

/// A sign-up from a network, in a browser that has a cookie or none.
async fn sign_up(app: &TestApp, password: &str, ip: &str, cookie: Option<&str>) -> Answer {
    let call = app.post("/signup", json!({ "email": ADA, "password": password })).caller_ip(ip);
    match cookie {
        Some(cookie) => call.cookie(cookie).await,
        None => call.await,
    }
}

/// A stranger signs up for Ada's address; a minute later Ada does, from elsewhere.
async fn disputed() -> (TestApp, MailedLink, String) {
    let app = TestApp::start().await;
    sign_up(&app, STRANGERS, "198.51.100.66", None).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    let cookie = sign_up(&app, PASSWORD, "203.0.113.7", None).await.succeeded().cookie();
    let link = app.mailbox.link_to(ADA);
    (app, link, cookie)
}

#[tokio::test]
async fn neither_code_nor_token_confirms_a_disputed_sign_up_alone() {
    let (app, link, _) = disputed().await;
    let before = app.database.contents().await;
    assert_eq!(app.enter_code(ADA, &link.code).await.refusal(), (403, "otp_expired".to_owned()));
    let by_token = json!({ "type": "signup", "token_hash": link.token });
    assert_eq!(app.post("/verify", by_token).await.refusal(), (403, "otp_expired".to_owned()));
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn the_page_confirms_it_in_the_browser_of_the_newest_sign_up() {
    let (app, link, cookie) = disputed().await;
    assert_eq!(app.press_button(&link, Some(&cookie)).await.status, 303);
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
    assert_eq!(app.sign_in(ADA, STRANGERS).await.status, 400);
}

#[tokio::test]
async fn elsewhere_the_page_confirms_it_by_the_password_or_a_new_one() {
    for (password_is, password) in [("chosen", PASSWORD), ("new", "a brand new passphrase")] {
        let (app, link, _) = disputed().await;
        assert_eq!(app.press_button(&link, None).await.status, 422);
        let fields = [("token", link.token.as_str()), ("password_is", password_is), ("password", password)];
        assert_eq!(app.submit("/verify/confirm", &fields).await.status, 303);
        assert_eq!(app.sign_in(ADA, password).await.status, 200);
    }
}

/// The stranger comes second, while Ada has her mail before her: the code she types must not
/// confirm the stranger's password.
#[tokio::test]
async fn a_stranger_who_comes_second_gains_nothing_by_adas_click() {
    let app = TestApp::start().await;
    sign_up(&app, PASSWORD, "203.0.113.7", None).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    sign_up(&app, STRANGERS, "198.51.100.66", None).await.succeeded();
    let strangers_link = app.mailbox.link_to(ADA);
    assert_eq!(app.enter_code(ADA, &strangers_link.code).await.status, 403);
    assert_eq!(app.press_button(&strangers_link, None).await.status, 422);
    assert_eq!(app.sign_in(ADA, STRANGERS).await.status, 400);
}

#[tokio::test]
async fn an_attempt_that_the_mail_limit_refuses_disputes_too() {
    let app = TestApp::start().await;
    sign_up(&app, STRANGERS, "198.51.100.66", None).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    assert_eq!(sign_up(&app, PASSWORD, "203.0.113.7", None).await.status, 429);
    assert_eq!(app.enter_code(ADA, &link.code).await.status, 403, "Ada types the code of the stranger's sign-up");
    assert_eq!(app.sign_in(ADA, STRANGERS).await.status, 400);
}

#[tokio::test]
async fn whoever_signs_up_twice_in_one_browser_or_from_one_network_disputes_nothing() {
    for (ip, with_cookie) in [("203.0.113.7", false), ("198.51.100.1", true)] {
        let app = TestApp::start().await;
        let cookie = sign_up(&app, PASSWORD, "203.0.113.7", None).await.succeeded().cookie();
        app.clock.advance(TimeDelta::minutes(1));
        sign_up(&app, PASSWORD, ip, with_cookie.then_some(cookie.as_str())).await.succeeded();
        assert_eq!(app.enter_code(ADA, &app.mailbox.link_to(ADA).code).await.status, 200, "{ip}");
    }
}

#[tokio::test]
async fn another_mail_does_not_settle_it() {
    let (app, _, _) = disputed().await;
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/resend", json!({ "type": "signup", "email": ADA })).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    assert_eq!(app.enter_code(ADA, &link.code).await.status, 403);
    let third = sign_up(&app, PASSWORD, "203.0.113.7", None).await;
    assert_eq!(third.status, 429);
    app.clock.advance(TimeDelta::minutes(1));
    sign_up(&app, PASSWORD, "203.0.113.7", None).await.succeeded();
    assert_eq!(app.enter_code(ADA, &app.mailbox.link_to(ADA).code).await.status, 403, "still disputed");
}

#[tokio::test]
async fn a_sign_up_whose_link_has_died_is_not_disputed() {
    let app = TestApp::start().await;
    sign_up(&app, STRANGERS, "198.51.100.66", None).await.succeeded();
    app.clock.advance(TimeDelta::hours(24));
    sign_up(&app, PASSWORD, "203.0.113.7", None).await.succeeded();
    assert_eq!(app.enter_code(ADA, &app.mailbox.link_to(ADA).code).await.status, 200);
}

#[tokio::test]
async fn signing_up_for_a_confirmed_address_disputes_nothing() {
    let app = TestApp::start().await;
    app.signed_in(ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    sign_up(&app, STRANGERS, "198.51.100.66", None).await.succeeded();
    sign_up(&app, STRANGERS, "198.51.100.66", None).await;
    assert_eq!(app.database.value::<i64>("SELECT count(*) FROM edgegate.one_time_tokens WHERE disputed").await, 0);
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

/// The owner asks to sign in by mail or to recover, a stranger signs up with a password, in either
/// order: no code that the owner may type, the newest or the one before, lets the stranger's
/// password or metadata live.
#[tokio::test]
async fn a_mail_that_the_owner_asked_for_disputes_a_strangers_sign_up() {
    for path in ["/otp", "/recover"] {
        for stranger_first in [true, false] {
            let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
            let stranger = async || {
                app.clock.advance(TimeDelta::minutes(1));
                let body = json!({ "email": ADA, "password": STRANGERS, "data": { "name": "stranger" } });
                app.post("/signup", body).caller_ip("198.51.100.66").await.succeeded();
                app.mailbox.link_to(ADA)
            };
            let owner = async || {
                app.clock.advance(TimeDelta::minutes(1));
                let body = json!({ "email": ADA, "data": { "name": "Ada" } });
                app.post(path, body).caller_ip("203.0.113.7").await.succeeded();
                app.mailbox.link_to(ADA)
            };
            if path == "/recover" {
                stranger().await; // or there is nothing to recover
            }
            let (strangers, owners) = if stranger_first {
                (stranger().await, owner().await)
            } else {
                let owners = owner().await;
                (stranger().await, owners)
            };
            let kind = if path == "/otp" { "email" } else { "signup" };
            let typed = app.post("/verify", json!({ "type": kind, "token": strangers.code, "email": ADA })).await;
            assert_eq!(typed.refusal(), (403, "otp_expired".to_owned()), "{path} {stranger_first}");
            let kind = if path == "/otp" { "email" } else { "recovery" };
            let typed = app.post("/verify", json!({ "type": kind, "token": owners.code, "email": ADA })).await;
            let metadata = typed.succeeded().json()["user"]["user_metadata"].clone();
            let expected = if path == "/otp" { json!({ "name": "Ada" }) } else { json!({}) };
            assert_eq!(metadata, expected, "{path} {stranger_first}");
            assert_eq!(app.sign_in(ADA, STRANGERS).await.code(), "invalid_credentials", "{path} {stranger_first}");
        }
    }
}

#[tokio::test]
async fn it_does_even_where_it_has_to_wait() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    app.post("/otp", json!({ "email": ADA })).caller_ip("198.51.100.66").await.succeeded();
    let body = json!({ "email": ADA, "password": STRANGERS });
    app.post("/signup", body).caller_ip("198.51.100.66").await.succeeded();
    let strangers = app.mailbox.link_to(ADA);
    assert_eq!(app.post("/otp", json!({ "email": ADA })).caller_ip("203.0.113.7").await.status, 429);
    let typed = app.post("/verify", json!({ "type": "email", "token": strangers.code, "email": ADA })).await;
    assert_eq!(typed.refusal(), (403, "otp_expired".to_owned()));
}

#[tokio::test]
async fn whoever_signs_up_and_then_asks_to_sign_in_by_mail_disputes_nothing() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    let link = app.sign_up(ADA).await;
    app.post("/otp", json!({ "email": ADA })).await.succeeded();
    app.enter_code(ADA, &link.code).await.succeeded();
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}
