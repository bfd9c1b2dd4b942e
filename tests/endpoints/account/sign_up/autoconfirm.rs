//! `POST /signup` with `MAILER_AUTOCONFIRM=true`: no mail, a session at once.

use serde_json::json;

use crate::endpoints::account::sign_up::sign_up;
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn a_new_address_is_signed_in_at_once_and_gets_no_mail() {
    let app = TestApp::with(&[("MAILER_AUTOCONFIRM", "true")]).await;
    let answer = app.post("/signup", sign_up("ada@example.com")).await.succeeded();
    let session = answer.json();
    assert_eq!(session["token_type"], "bearer");
    assert_eq!(session["expires_in"], 600);
    assert_eq!(session["expires_at"], 1_795_349_400);
    assert_eq!(session["user"]["email_confirmed_at"], "2026-11-22T12:00:00.000000Z");
    assert_eq!(session["user"]["last_sign_in_at"], "2026-11-22T12:00:00.000000Z");
    assert_eq!(app.get("/user").bearer(&answer.access_token()).await.status, 200);
    assert!(app.mailbox.mails().is_empty());
    assert_eq!(app.database.count("outbox").await, 0);
    assert_eq!(answer.header("set-cookie"), None);
}

#[tokio::test]
async fn a_confirmed_address_is_refused() {
    let app = TestApp::with(&[("MAILER_AUTOCONFIRM", "true")]).await;
    app.post("/signup", sign_up("ada@example.com")).await.succeeded();
    let before = app.database.contents().await;
    let answer =
        app.post("/signup", json!({ "email": "Ada@example.com", "password": "another fine passphrase" })).await;
    assert_eq!(answer.refusal(), (422, "user_already_exists".to_owned()));
    assert_eq!(answer.json()["msg"], "User already registered");
    assert_eq!(app.database.contents().await, before);
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_address_left_unconfirmed_by_earlier_settings_is_taken_over_and_its_links_die() {
    let earlier = TestApp::start().await;
    let link = earlier.sign_up("ada@example.com").await;
    let app = earlier.redeployed(&[("MAILER_AUTOCONFIRM", "true")]);
    let other = json!({ "email": "ada@example.com", "password": "another fine passphrase" });
    app.post("/signup", other).await.succeeded();
    assert_eq!(app.enter_code("ada@example.com", &link.code).await.refusal(), (403, "otp_expired".to_owned()));
    assert_eq!(app.press_button(&link, link.cookie.as_deref()).await.status, 410);
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 400);
    assert_eq!(app.sign_in("ada@example.com", "another fine passphrase").await.status, 200);
}

#[tokio::test]
async fn a_banned_unconfirmed_address_stays_out() {
    let earlier = TestApp::start().await;
    earlier.sign_up("ada@example.com").await;
    earlier.database.change("UPDATE edgegate.users SET banned_until = '2030-01-01'").await;
    let app = earlier.redeployed(&[("MAILER_AUTOCONFIRM", "true")]);
    let answer = app.post("/signup", sign_up("ada@example.com")).await;
    assert_eq!(answer.refusal(), (422, "user_already_exists".to_owned()));
    assert_eq!(app.database.count("sessions").await, 0);
}

#[tokio::test]
async fn the_settings_say_so() {
    let app = TestApp::with(&[("MAILER_AUTOCONFIRM", "true"), ("DISABLE_SIGNUP", "true")]).await;
    let settings = app.get("/settings").await.json();
    assert_eq!((&settings["mailer_autoconfirm"], &settings["disable_signup"]), (&json!(true), &json!(true)));
    let app = TestApp::start().await;
    let settings = app.get("/settings").await.json();
    assert_eq!((&settings["mailer_autoconfirm"], &settings["disable_signup"]), (&json!(false), &json!(false)));
}

#[tokio::test]
async fn the_device_of_a_sign_up_is_known_so_that_another_one_is_told_of() {
    let app = TestApp::with(&[("MAILER_AUTOCONFIRM", "true")]).await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    app.post("/signup", sign_up("ada@example.com")).header("user-agent", firefox).await.succeeded();
    let sign_in = |agent: &str| {
        let body = json!({ "email": "ada@example.com", "password": PASSWORD });
        app.post("/token?grant_type=password", body).header("user-agent", agent)
    };
    sign_in(firefox).await.succeeded();
    assert_eq!(app.mailbox.mails().len(), 0);
    sign_in("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1")
        .await
        .succeeded();
    assert_eq!(app.mailbox.mails().len(), 1);
}
