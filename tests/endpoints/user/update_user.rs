//! `PUT /user`: changes the caller's password. `guessing` has wrong ones, `races` much at once and
//! lost answers, `stale` tokens older than the account, `metadata` the rest of what can be changed.

mod guessing;
mod metadata;
mod races;
mod stale;

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::client::{
    ADA, BOB, Client, audited, ban, no_error_was_logged, nothing_is_pending, session_is_over,
};
use crate::support::{PASSWORD, TestApp, tokens};

const NEW: &str = "another horse battery staple";

fn wrong() -> (u16, String) {
    (400, "current_password_invalid".to_owned())
}

#[tokio::test]
async fn the_old_password_is_refused_afterwards_and_the_new_one_accepted() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    let answer = ada.change_password(&app, PASSWORD, NEW).await.succeeded();
    assert_eq!(answer.json(), ada.get(&app, "/user").await.json());
    assert_eq!(answer.json()["updated_at"], "2026-11-22T12:01:00.000000Z");
    assert!(!answer.text().contains("hash") && !answer.text().contains("horse"));
    assert_eq!(app.sign_in(ADA, PASSWORD).await.refusal(), (400, "invalid_credentials".to_owned()));
    assert_eq!(app.sign_in(ADA, NEW).await.status, 200);
    no_error_was_logged(&app);
    assert!(!app.log.text().contains("horse"));
}

#[tokio::test]
async fn the_other_sessions_end_at_once_and_the_callers_goes_on() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let others = [Client::another(&app, ADA).await, Client::another(&app, ADA).await];
    let bob = Client::new(&app, BOB).await;
    ada.change_password(&app, PASSWORD, NEW).await.succeeded();
    nothing_is_pending(&app).await;
    for other in others {
        other.has_ended(&app).await;
    }
    ada.goes_on(&app).await;
    bob.goes_on(&app).await;
    assert_eq!(app.sign_in(BOB, PASSWORD).await.status, 200, "nobody else's password changed");
}

#[tokio::test]
async fn an_audit_record_says_so() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    ada.change_password(&app, "not the password", NEW).await;
    ada.change_password(&app, PASSWORD, "short").await;
    assert_eq!(audited(&app, "password_changed").await, json!([]));
    let call = ada.change_password(&app, PASSWORD, NEW).caller_ip("2001:db8::9").header("user-agent", "Browser/2.0");
    call.await.succeeded();
    assert_eq!(audited(&app, "password_changed").await, json!([[ada.user, "2001:db8::9", "Browser/2.0"]]));
}

#[tokio::test]
async fn without_the_current_password_nothing_changes() {
    let app = TestApp::start().await;
    Client::new(&app, ADA).await;
    let ada = Client::another(&app, ADA).await; // signed in by mail, that would be proof enough
    let before = app.database.contents().await;
    for body in [json!({ "password": NEW }), json!({ "password": NEW, "current_password": null, "nonce": null })] {
        let answer = ada.update(&app, body).await;
        assert_eq!(answer.refusal(), (400, "current_password_required".to_owned()));
        assert_eq!(answer.json()["msg"], "Current password required when setting new password.");
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn a_wrong_current_password_changes_nothing_but_the_count() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let other = Client::another(&app, ADA).await;
    for current in ["not the password", "", &"x".repeat(5000), &PASSWORD.to_uppercase()] {
        let answer = ada.change_password(&app, current, NEW).await;
        assert_eq!(answer.refusal(), wrong());
    }
    other.goes_on(&app).await;
    ada.goes_on(&app).await;
    assert_eq!(app.sign_in(ADA, NEW).await.status, 400);
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_new_password_must_be_one_that_may_be_chosen() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let other = Client::another(&app, ADA).await;
    for new in ["", "short", ADA, &"x".repeat(4097)] {
        let answer = ada.change_password(&app, PASSWORD, new).await;
        assert_eq!(answer.refusal(), (422, "weak_password".to_owned()), "{new}");
        assert!(answer.json()["weak_password"]["reasons"].is_array());
    }
    other.goes_on(&app).await;
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_new_password_must_be_another_one() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let other = Client::another(&app, ADA).await;
    let answer = ada.change_password(&app, PASSWORD, PASSWORD).await;
    assert_eq!(answer.refusal(), (422, "same_password".to_owned()));
    other.goes_on(&app).await;
}

/// Only who knows it learns that it is the same.
#[tokio::test]
async fn what_the_new_password_would_be_is_judged_after_the_current_one() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    assert_eq!(ada.change_password(&app, "not the password", PASSWORD).await.refusal(), wrong());
}

#[tokio::test]
async fn what_only_others_may_change_or_nobody_can_leaves_all_as_it_is() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.contents().await;
    let passwords = json!({ "password": NEW, "current_password": PASSWORD });
    for (member, value, status, code) in [
        ("email", json!(1), 400, "validation_failed"),
        ("email", json!("nobody"), 400, "email_address_invalid"),
        ("phone", json!("+15550100"), 400, "phone_provider_disabled"),
        ("data", json!("text"), 400, "validation_failed"),
        ("data", json!({ "a": "\u{0}" }), 400, "validation_failed"),
        ("app_metadata", json!({}), 403, "not_admin"),
        ("app_metadata", json!({ "admin": true }), 403, "not_admin"),
        ("code_challenge", json!("x"), 400, "validation_failed"),
    ] {
        let mut body = passwords.clone();
        body[member] = value.clone();
        assert_eq!(ada.update(&app, body.clone()).await.refusal(), (status, code.to_owned()), "{body}");
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn null_means_unchanged_and_what_is_unknown_is_ignored() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let nothing: [Value; 4] = [
        json!({}),
        json!({ "password": null }),
        json!({ "email": null, "phone": null, "data": null, "password": null, "current_password": null }),
        json!({ "current_password": PASSWORD }),
    ];
    let before = app.database.contents().await;
    let user = ada.get(&app, "/user").await.json();
    for body in nothing {
        assert_eq!(ada.update(&app, body.clone()).await.succeeded().json(), user, "{body}");
    }
    assert_eq!(app.database.contents().await, before);
    let body = json!({
        "password": NEW, "current_password": PASSWORD, "email": null, "phone": null, "data": null, "nonce": null,
        "role": "service_role", "app_metadata": null, "banned_until": null,
    });
    let user = ada.update(&app, body).await.succeeded().json();
    assert_eq!((&user["role"], &user["email"]), (&json!("authenticated"), &json!(ADA)));
    assert_eq!(user["app_metadata"], ada.get(&app, "/user").await.json()["app_metadata"]);
    assert_eq!(user["app_metadata"].get("admin"), None);
    assert_eq!(app.sign_in(ADA, NEW).await.status, 200);
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    for body in
        [json!({ "password": 1, "current_password": PASSWORD }), json!({ "password": NEW, "current_password": [] })]
    {
        assert_eq!(ada.update(&app, body).await.refusal(), (400, "validation_failed".to_owned()));
    }
    assert_eq!(ada.update(&app, json!([])).await.refusal(), (400, "bad_json".to_owned()));
    let twice = format!(r#"{{"password":"{NEW}","current_password":"{PASSWORD}","password":"x"}}"#);
    assert_eq!(ada.update(&app, json!({})).body(twice).await.refusal(), (400, "bad_json".to_owned()));
    let form = app.call(Method::PUT, "/auth/v1/user").bearer(&ada.access);
    let form = form.header("content-type", "application/x-www-form-urlencoded").body("password=x&current_password=y");
    assert_eq!(form.await.refusal(), (415, "unsupported_media_type".to_owned()));
}

/// A link in the mailbox of an account that was taken over must not let the thief back in.
#[tokio::test]
async fn links_and_codes_that_are_open_die() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    let ada = Client::new(&app, ADA).await;
    let dead = (403, "otp_expired".to_owned());
    let mut password = PASSWORD.to_owned();
    for (n, (path, kind)) in [("/recover", "recovery"), ("/otp", "magiclink")].into_iter().enumerate() {
        app.clock.advance(TimeDelta::minutes(1));
        app.post(path, json!({ "email": ADA })).await.succeeded();
        let link = app.mailbox.link_to(ADA);
        let new = format!("{NEW} {n}");
        ada.change_password(&app, &password, &new).await.succeeded();
        password = new;
        let by_code = json!({ "type": kind, "token": link.code, "email": ADA });
        assert_eq!(app.post("/verify", by_code).await.refusal(), dead, "{kind}");
        let by_token = json!({ "type": kind, "token_hash": link.token });
        assert_eq!(app.post("/verify", by_token).await.refusal(), dead, "{kind}");
        assert_eq!(app.press_button(&link, None).await.status, 410, "{kind}");
    }
}

#[tokio::test]
async fn a_session_that_has_ended_changes_no_password_even_with_the_right_one() {
    let app = TestApp::start().await;
    let ended = Client::new(&app, ADA).await;
    ended.sign_out(&app, "").await.succeeded();
    let banned = Client::new(&app, BOB).await;
    ban(&app, banned.user, &json!("24h")).await.succeeded();
    let idle = Client::new(&app, "eve@example.com").await;
    app.clock.advance(TimeDelta::days(7));
    let before = app.database.contents().await;
    for client in [ended, banned, idle] {
        let answer = client.with_fresh_token(&app).change_password(&app, PASSWORD, NEW).await;
        assert_eq!(answer.refusal(), session_is_over());
    }
    assert_eq!(app.database.contents().await, before, "and no attempt is counted");
}

#[tokio::test]
async fn a_banned_account_is_told_so_while_its_session_lives() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.database.change("UPDATE edgegate.users SET banned_until = '2030-01-01'").await;
    let before = app.database.contents().await;
    assert_eq!(ada.change_password(&app, PASSWORD, NEW).await.refusal(), (403, "user_banned".to_owned()));
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn whoever_may_not_ask_is_refused() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let put = || app.call(Method::PUT, "/auth/v1/user").header("content-type", "application/json");
    let body = json!({ "password": NEW, "current_password": PASSWORD }).to_string();
    assert_eq!(put().body(body.clone()).await.refusal(), (401, "no_authorization".to_owned()));
    for token in [tokens::service(), ada.refresh.clone()] {
        assert_eq!(put().bearer(&token).body(body.clone()).await.refusal(), (401, "bad_jwt".to_owned()));
    }
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn there_must_be_room_for_hashing() {
    let app = TestApp::with(&[("PASSWORD_HASHES_IN_FLIGHT", "1")]).await;
    let ada = Client::new(&app, ADA).await;
    let slot = app.hash_slot().expect("a free place");
    let answer = ada.change_password(&app, PASSWORD, NEW).await;
    assert_eq!(answer.refusal(), (503, "over_capacity".to_owned()));
    assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
    drop(slot);
    assert_eq!(ada.change_password(&app, "not the password", NEW).await.refusal(), wrong());
    assert_eq!(ada.change_password(&app, PASSWORD, NEW).await.status, 200, "the place was given back");
}

/// Bytes and statements; what the mails are is told to nobody but their readers.
#[tokio::test]
async fn a_new_address_is_answered_alike_whether_it_is_known_unknown_unconfirmed_or_banned() {
    let mut seen: Option<String> = None;
    for name in ["known", "nobody", "unconfirmed", "banned"] {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        Client::new(&app, "known@example.com").await;
        app.sign_up("unconfirmed@example.com").await;
        let banned = Client::new(&app, "banned@example.com").await;
        ban(&app, banned.user, &json!("24h")).await.succeeded();
        app.clock.advance(TimeDelta::minutes(1));
        let before = app.database.traffic();
        let answer = ada.update(&app, json!({ "email": format!("{name}@example.com") })).send_only().await.succeeded();
        let after = app.database.traffic();
        app.settle().await;
        let headers: Vec<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id")
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        let body = answer.text().replace(name, "NAME");
        // The length of the name is the caller's own doing.
        let headers: Vec<&String> = headers.iter().filter(|header| !header.starts_with("content-length")).collect();
        let shape = format!("{} {headers:?} {body} {} {}", answer.status, after.0 - before.0, after.1 - before.1);
        assert_eq!(*seen.get_or_insert(shape.clone()), shape, "{name}");
    }
}
