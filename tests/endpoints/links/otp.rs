//! `POST /otp` and `POST /magiclink`: signing in by mail.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::client::{ADA, Client};
use crate::support::{Call, PASSWORD, TestApp};

async fn app() -> TestApp {
    TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await
}

fn enter<'a>(app: &'a TestApp, kind: &str, code: &str) -> Call<'a> {
    app.post("/verify", json!({ "type": kind, "token": code, "email": ADA }))
}

#[tokio::test]
async fn where_it_is_not_offered_no_mail_leaves() {
    let app = TestApp::start().await;
    for path in ["/otp", "/magiclink"] {
        assert_eq!(app.post(path, json!({ "email": ADA })).await.refusal(), (422, "otp_disabled".to_owned()));
        let by_phone = app.post(path, json!({ "phone": "+15550100" })).await;
        assert_eq!(by_phone.refusal(), (400, "phone_provider_disabled".to_owned()));
    }
    assert_eq!(app.database.traffic(), (0, 0));
}

#[tokio::test]
async fn an_address_without_an_account_gets_one_without_a_password() {
    for (path, kind) in [("/otp", "email"), ("/magiclink", "magiclink"), ("/otp", "signup")] {
        let app = app().await;
        app.post(path, json!({ "email": ADA, "data": { "name": "Ada" } })).await.succeeded();
        let session = enter(&app, kind, &app.mailbox.link_to(ADA).code).await.succeeded().json();
        assert_eq!(session["user"]["user_metadata"], json!({ "name": "Ada" }));
        assert!(session["user"]["email_confirmed_at"].is_string());
        assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
        assert!(app.database.value::<bool>("SELECT password_hash IS NULL FROM edgegate.users").await);
    }
}

#[tokio::test]
async fn the_link_signs_in_wherever_it_is_opened_and_once() {
    let app = app().await;
    app.post("/otp", json!({ "email": ADA })).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    for _ in 0..3 {
        let page = app.get(&format!("/verify?token={}", link.token)).await;
        assert_eq!(page.status, 200);
        assert!(!page.text().contains("type=\"password\""));
    }
    let (_, fragment) = app.submit("/verify/confirm", &[("token", &link.token)]).await.redirect();
    assert_eq!(fragment["type"], "magiclink");
    assert_eq!(app.get("/user").bearer(&fragment["access_token"]).await.json()["email"], ADA);
    assert_eq!(app.submit("/verify/confirm", &[("token", &link.token)]).await.status, 410);
    assert_eq!(enter(&app, "email", &link.code).await.code(), "otp_expired");
}

#[tokio::test]
async fn both_die_after_ten_minutes() {
    let app = app().await;
    app.post("/otp", json!({ "email": ADA })).await.succeeded();
    let link = app.mailbox.link_to(ADA);
    app.clock.advance(TimeDelta::minutes(10));
    assert_eq!(app.get(&format!("/verify?token={}", link.token)).await.status, 410);
    assert_eq!(enter(&app, "email", &link.code).await.code(), "otp_expired");
}

#[tokio::test]
async fn nobody_is_made_an_account_who_did_not_ask_for_one() {
    for (body, settings) in [
        (json!({ "email": ADA, "create_user": false }), vec![("SIGN_IN_BY_EMAIL", "true")]),
        (json!({ "email": ADA }), vec![("SIGN_IN_BY_EMAIL", "true"), ("DISABLE_SIGNUP", "true")]),
    ] {
        let app = TestApp::with(&settings).await;
        assert_eq!(app.post("/otp", body).await.succeeded().json(), json!({}));
        assert_eq!((app.database.count("users").await, app.mailbox.mails().len()), (0, 0));
    }
}

#[tokio::test]
async fn what_a_stranger_signed_up_with_is_void_once_the_owner_signs_in_by_mail() {
    let app = app().await;
    let attacker = app.sign_up(ADA).await;
    app.post("/otp", json!({ "email": ADA })).await.succeeded();
    enter(&app, "email", &app.mailbox.link_to(ADA).code).await.succeeded();
    assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(app.press_button(&attacker, attacker.cookie.as_deref()).await.status, 410);
    assert_eq!(app.enter_code(ADA, &attacker.code).await.code(), "otp_expired");
}

#[tokio::test]
async fn the_password_of_a_confirmed_account_and_its_sessions_go_on() {
    let app = app().await;
    let ada = Client::new(&app, ADA).await;
    app.post("/otp", json!({ "email": ADA })).await.succeeded();
    enter(&app, "email", &app.mailbox.link_to(ADA).code).await.succeeded();
    ada.goes_on(&app).await;
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_network_may_ask_for_so_many_mails_an_hour_and_all_together_for_so_many() {
    let asks = async |app: &TestApp, n: u32, ip: &str| {
        app.post("/otp", json!({ "email": format!("a{n}@example.com") })).caller_ip(ip).await
    };
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true"), ("MAILS_PER_NETWORK_HOUR", "2")]).await;
    for n in 0..2 {
        asks(&app, n, "2001:db8::1").await.succeeded();
    }
    let refused = asks(&app, 3, "2001:db8::ffff").await;
    assert_eq!(refused.refusal(), (429, "over_email_send_rate_limit".to_owned()));
    assert_eq!(refused.header("retry-after").as_deref(), Some("1800"));
    asks(&app, 4, "2001:db8:0:1::1").await.succeeded();

    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true"), ("MAILS_PER_HOUR", "2")]).await;
    for n in 0..2 {
        asks(&app, n, &format!("192.0.2.{n}")).await.succeeded();
    }
    assert_eq!(asks(&app, 3, "192.0.2.9").await.code(), "over_email_send_rate_limit");
    assert_eq!((app.mailbox.mails().len(), app.database.count("users").await), (2, 2));
}

#[tokio::test]
async fn the_owner_is_told_of_a_new_kind_of_device_once() {
    for (setting, mails) in [("true", 1), ("false", 0)] {
        let app = TestApp::with(&[("NOTIFY_NEW_DEVICE", setting)]).await;
        Client::new(&app, ADA).await;
        let before = app.mailbox.to(ADA).len();
        for agent in [
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
        ] {
            let body = json!({ "email": ADA, "password": PASSWORD });
            app.post("/token?grant_type=password", body).header("user-agent", agent).await.succeeded();
        }
        assert_eq!(app.mailbox.to(ADA).len() - before, mails, "NOTIFY_NEW_DEVICE={setting}");
        if mails > 0 {
            assert!(app.mailbox.to(ADA).pop().expect("a mail").text.contains("Firefox"));
        }
    }
}

#[tokio::test]
async fn bad_requests_are_named_and_change_nothing() {
    let app = app().await;
    let before = app.database.contents().await;
    for (body, code) in [
        (json!({}), "validation_failed"),
        (json!({ "email": "" }), "validation_failed"),
        (json!({ "phone": "+15550100" }), "phone_provider_disabled"),
        (json!({ "email": "nobody" }), "email_address_invalid"),
        (json!({ "email": ADA, "create_user": "yes" }), "validation_failed"),
        (json!({ "email": ADA, "data": [] }), "validation_failed"),
        (json!({ "email": ADA, "data": { "a": "\u{0}" } }), "validation_failed"),
        (json!({ "email": ADA, "data": { "a": "x".repeat(17_000) } }), "validation_failed"),
        (json!({ "email": ADA, "code_challenge": "x" }), "validation_failed"),
    ] {
        assert_eq!(app.post("/otp", body.clone()).await.refusal(), (400, code.to_owned()), "{body}");
    }
    assert_eq!(app.database.contents().await, before);
}
