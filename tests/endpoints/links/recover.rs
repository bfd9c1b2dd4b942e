//! `POST /recover`, and what the link and code of its mail do.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::client::{ADA, Client};
use crate::support::{Call, MailedLink, PASSWORD, TestApp};

const NEW: &str = "another horse battery staple";

/// Asks for the mail and reads it.
async fn recover(app: &TestApp, email: &str) -> MailedLink {
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(app.post("/recover", json!({ "email": email })).await.succeeded().json(), json!({}));
    app.mailbox.link_to(email)
}

/// `POST /verify` of the code.
fn enter<'a>(app: &'a TestApp, email: &str, code: &str) -> Call<'a> {
    app.post("/verify", json!({ "type": "recovery", "token": code, "email": email }))
}

/// The form of the page behind the link.
fn save<'a>(app: &'a TestApp, link: &MailedLink, password: &str) -> Call<'a> {
    app.submit("/verify/confirm", &[("token", &link.token), ("password", password), ("password_is", "new")])
}

fn dead() -> (u16, String) {
    (403, "otp_expired".to_owned())
}

#[tokio::test]
async fn the_mail_has_a_link_to_a_page_and_a_code() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    let link = recover(&app, ADA).await;
    assert!(link.url.starts_with("https://auth.example.com/auth/v1/verify?token="), "{}", link.url);
    assert!(link.url.ends_with("&type=recovery"));
    let page = app.get(&format!("/verify?token={}", link.token)).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("name=\"password\""));
}

#[tokio::test]
async fn the_page_sets_the_new_password_signs_in_and_ends_all_else() {
    let app = TestApp::start().await;
    let before = Client::new(&app, ADA).await;
    let link = recover(&app, ADA).await;
    let (place, fragment) = save(&app, &link, NEW).await.redirect();
    assert_eq!((place.as_str(), fragment["type"].as_str()), ("https://app.example.com/", "magiclink"));
    let owner = Client {
        access: fragment["access_token"].clone(),
        refresh: fragment["refresh_token"].clone(),
        ..Client::of(&json!({ "access_token": fragment["access_token"], "refresh_token": fragment["refresh_token"] }))
    };
    owner.goes_on(&app).await;
    before.has_ended(&app).await;
    assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(app.sign_in(ADA, NEW).await.status, 200);
    assert_eq!(save(&app, &link, NEW).await.status, 410, "a used link is dead");
    assert_eq!(enter(&app, ADA, &link.code).await.refusal(), dead());
    let told = app.mailbox.to(ADA).pop().expect("a mail");
    assert!(told.subject.to_lowercase().contains("password"), "{}", told.subject);
    assert!(!told.text.contains(NEW));
}

#[tokio::test]
async fn a_password_that_will_not_do_shows_the_page_again_and_uses_nothing_up() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    let link = recover(&app, ADA).await;
    for password in ["", "short", "password123", ADA, &"x".repeat(5000)] {
        let page = save(&app, &link, password).await;
        assert_eq!(page.status, 422, "{password}");
        assert!(page.text().contains("role=\"alert\""), "{password}");
    }
    let old =
        app.submit("/verify/confirm", &[("token", &link.token), ("password", PASSWORD), ("password_is", "chosen")]);
    assert_eq!(old.await.status, 303, "whatever the form says, what is typed is the new password");
}

#[tokio::test]
async fn the_code_signs_in_and_then_a_password_is_set_without_the_old_one() {
    let app = TestApp::start().await;
    let before = Client::new(&app, ADA).await;
    let link = recover(&app, ADA).await;
    let owner = Client::of(&enter(&app, ADA, &link.code).await.succeeded().json());
    before.has_ended(&app).await;
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200, "the old password works until there is a new one");
    owner.update(&app, json!({ "password": NEW })).await.succeeded();
    assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(app.sign_in(ADA, NEW).await.status, 200);
}

#[tokio::test]
async fn ten_minutes_later_a_recovered_session_needs_proof_like_any_other() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    let link = recover(&app, ADA).await;
    let owner = Client::of(&enter(&app, ADA, &link.code).await.succeeded().json());
    app.clock.advance(TimeDelta::minutes(10) - TimeDelta::seconds(1));
    let owner = owner.refreshed(&app).await;
    owner.update(&app, json!({ "password": NEW })).await.succeeded();
    app.clock.advance(TimeDelta::seconds(1));
    let answer = owner.update(&app, json!({ "password": PASSWORD })).await;
    assert_eq!(answer.refusal(), (400, "current_password_required".to_owned()));
}

#[tokio::test]
async fn link_and_code_die_after_an_hour_and_a_newer_mail_kills_both() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    let first = recover(&app, ADA).await;
    let second = recover(&app, ADA).await;
    assert_eq!(app.get(&format!("/verify?token={}", first.token)).await.status, 410);
    assert_eq!(enter(&app, ADA, &first.code).await.refusal(), dead());
    app.clock.advance(TimeDelta::hours(1) - TimeDelta::seconds(1));
    assert_eq!(app.get(&format!("/verify?token={}", second.token)).await.status, 200);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(app.get(&format!("/verify?token={}", second.token)).await.status, 410);
    assert_eq!(enter(&app, ADA, &second.code).await.refusal(), dead());
    assert_eq!(save(&app, &second, NEW).await.status, 410);
}

#[tokio::test]
async fn five_wrong_codes_kill_the_code_also_of_the_next_mail_but_not_the_link() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    let first = recover(&app, ADA).await;
    let wrong = if first.code == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(enter(&app, ADA, wrong).await.refusal(), dead());
    }
    assert_eq!(enter(&app, ADA, &first.code).await.refusal(), dead());
    let second = recover(&app, ADA).await;
    assert_eq!(enter(&app, ADA, &second.code).await.refusal(), dead());
    assert_eq!(save(&app, &second, NEW).await.status, 303);
}

#[tokio::test]
async fn a_link_or_code_for_one_thing_is_nothing_for_another() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    Client::new(&app, ADA).await;
    let link = recover(&app, ADA).await;
    for kind in ["signup", "magiclink", "email", "email_change"] {
        let by_link = app.post("/verify", json!({ "type": kind, "token_hash": link.token })).await;
        assert_eq!(by_link.refusal(), dead(), "{kind}");
        let by_code = app.post("/verify", json!({ "type": kind, "token": link.code, "email": ADA })).await;
        assert_eq!(by_code.refusal(), dead(), "{kind}");
    }
    assert_eq!(app.post("/verify", json!({ "type": "recovery", "token_hash": link.token })).await.status, 200);
}

#[tokio::test]
async fn whoever_signed_up_with_a_strangers_address_has_nothing_once_its_owner_recovers_it() {
    for page in [true, false] {
        let app = TestApp::start().await;
        let attacker = app.sign_up(ADA).await;
        let link = recover(&app, ADA).await;
        let answer = if page { save(&app, &link, NEW).await } else { enter(&app, ADA, &link.code).await };
        assert!([200, 303].contains(&answer.status.as_u16()), "{answer:?}");
        assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
        assert_eq!(app.press_button(&attacker, attacker.cookie.as_deref()).await.status, 410);
        assert_eq!(app.enter_code(ADA, &attacker.code).await.refusal(), dead());
        assert_eq!(app.database.count("sessions").await, 1);
    }
}

#[tokio::test]
async fn a_banned_account_is_not_mailed_and_its_open_link_is_dead_meanwhile() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let link = recover(&app, ADA).await;
    let ban = |duration: &str| {
        crate::support::client::admin(&app, &axum::http::Method::PUT, &ada.user.to_string())
            .bearer(&crate::support::tokens::service())
            .header("content-type", "application/json")
            .body(json!({ "ban_duration": duration }).to_string())
    };
    ban("1h").await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    let mails = app.mailbox.mails().len();
    assert_eq!(app.post("/recover", json!({ "email": ADA })).await.json(), json!({}));
    assert_eq!(app.mailbox.mails().len(), mails);
    assert_eq!(enter(&app, ADA, &link.code).await.refusal(), dead());
    assert_eq!(save(&app, &link, NEW).await.status, 410);
}

#[tokio::test]
async fn one_mail_a_minute_leaves_whether_or_not_there_is_an_account() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    for email in [ADA, "nobody@example.com"] {
        app.post("/recover", json!({ "email": email })).await.succeeded();
        let again = app.post("/recover", json!({ "email": email.to_uppercase() })).await;
        assert_eq!(again.refusal(), (429, "over_email_send_rate_limit".to_owned()), "{email}");
        assert_eq!(again.header("retry-after").as_deref(), Some("60"));
    }
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/recover", json!({ "email": ADA })).await.succeeded();
}

#[tokio::test]
async fn of_many_who_use_one_code_at_once_one_is_let_in() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    let link = recover(&app, ADA).await;
    let answers = futures_util::future::join_all((0..16).map(|_| enter(&app, ADA, &link.code).send_only())).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| [200, 403].contains(&answer.status.as_u16())));
}

#[tokio::test]
async fn bad_requests_are_named_and_change_nothing() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    let before = app.database.contents().await;
    for (body, code) in [
        (json!({}), "validation_failed"),
        (json!({ "email": null }), "validation_failed"),
        (json!({ "email": "" }), "validation_failed"),
        (json!({ "email": 1 }), "validation_failed"),
        (json!({ "email": "nobody" }), "email_address_invalid"),
        (json!({ "email": "a\u{0}@example.com" }), "email_address_invalid"),
        (json!({ "email": ADA, "code_challenge": "x".repeat(43) }), "validation_failed"),
        (json!({ "email": ADA, "code_challenge_method": "s256" }), "validation_failed"),
    ] {
        assert_eq!(app.post("/recover", body.clone()).await.refusal(), (400, code.to_owned()), "{body}");
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn recovering_ends_a_change_of_address_and_every_other_link_and_nonce() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    ada.update(&app, json!({ "email": "ada@example.org" })).await.succeeded();
    let (consent, new) = (app.mailbox.link_to(ADA), app.mailbox.link_to("ada@example.org"));
    app.post("/otp", json!({ "email": ADA })).await.succeeded();
    let sign_in = app.mailbox.link_to(ADA);
    ada.get(&app, "/reauthenticate").await.succeeded();
    let nonce = app.mailbox.to(ADA).pop().expect("a mail").text;
    let nonce = nonce.split_whitespace().find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()));
    let link = recover(&app, ADA).await;
    let owner = Client::of(&enter(&app, ADA, &link.code).await.succeeded().json());
    assert_eq!(owner.get(&app, "/user").await.json().get("new_email"), None);
    for link in [&consent, &new, &sign_in] {
        assert_eq!(app.get(&format!("/verify?token={}", link.token)).await.status, 410, "{}", link.url);
    }
    app.clock.advance(TimeDelta::minutes(9));
    let owner = owner.refreshed(&app).await;
    let by_nonce = owner.update(&app, json!({ "password": NEW, "nonce": nonce })).await;
    assert_eq!(by_nonce.refusal(), (422, "reauthentication_not_valid".to_owned()));
}

#[tokio::test]
async fn a_forbidden_place_to_go_to_is_replaced_by_the_apps_own() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    app.post("/recover?redirect_to=https://evil.example/", json!({ "email": ADA })).await.succeeded();
    assert_eq!(save(&app, &app.mailbox.link_to(ADA), NEW).await.redirect().0, "https://app.example.com/");
}
