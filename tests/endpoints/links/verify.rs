//! `POST /verify`: by code or by the link's token. `codes` has guessing, `strict` the setting
//! `CONFIRM_SAME_BROWSER=strict`.

mod codes;
mod strict;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, tokens};

fn dead() -> (u16, String) {
    (403, "otp_expired".to_owned())
}

#[tokio::test]
async fn the_code_confirms_and_signs_in() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let session = app.enter_code("Ada@EXAMPLE.com", &link.code).await.succeeded();
    let body = session.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(600)));
    assert_eq!(body["user"]["email_confirmed_at"], "2026-11-22T12:00:00.000000Z");
    assert_eq!(body["user"]["confirmed_at"], "2026-11-22T12:00:00.000000Z");
    assert_eq!(body["user"]["identities"][0]["identity_data"]["email_verified"], true);
    assert!(body["refresh_token"].as_str().is_some_and(|token| token.len() > 40));
    assert_eq!(app.get("/user").bearer(&session.access_token()).await.status, 200);
    assert_eq!(tokens::claims(&session.access_token())["amr"][0]["method"], "otp");
}

#[tokio::test]
async fn type_email_means_the_same() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let body = json!({ "type": "email", "token": link.code, "email": "ada@example.com" });
    assert_eq!(app.post("/verify", body).await.status, 200);
}

#[tokio::test]
async fn the_links_token_confirms_and_signs_in_without_the_browser() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let session = app.post("/verify", json!({ "type": "signup", "token_hash": link.token })).await.succeeded();
    assert_eq!(app.get("/user").bearer(&session.access_token()).await.status, 200);
}

#[tokio::test]
async fn link_and_code_are_used_up_together() {
    let app = TestApp::start().await;
    for by_code_first in [true, false] {
        let address = format!("ada-{by_code_first}@example.com");
        let link = app.sign_up(&address).await;
        let by_link = json!({ "type": "signup", "token_hash": link.token });
        if by_code_first {
            app.enter_code(&address, &link.code).await.succeeded();
        } else {
            app.post("/verify", by_link.clone()).await.succeeded();
        }
        let before = app.database.contents().await;
        assert_eq!(app.post("/verify", by_link).await.refusal(), dead());
        assert_eq!(app.enter_code(&address, &link.code).await.refusal(), dead());
        assert_eq!(app.database.contents().await, before);
    }
}

#[tokio::test]
async fn both_die_after_twenty_four_hours() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    app.clock.advance(TimeDelta::hours(24));
    assert_eq!(app.enter_code("ada@example.com", &link.code).await.refusal(), dead());
    let answer = app.post("/verify", json!({ "type": "signup", "token_hash": link.token })).await;
    assert_eq!(answer.refusal(), dead());
    assert_eq!(answer.json()["msg"], "Token has expired or is invalid");
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.code(), "email_not_confirmed");
}

#[tokio::test]
async fn neither_works_for_a_banned_account() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    app.database.change("UPDATE edgegate.users SET banned_until = '2026-11-22 12:05'").await;
    assert_eq!(app.enter_code("ada@example.com", &link.code).await.refusal(), dead());
    assert_eq!(app.post("/verify", json!({ "type": "signup", "token_hash": link.token })).await.refusal(), dead());
    app.clock.advance(TimeDelta::minutes(5));
    assert_eq!(app.enter_code("ada@example.com", &link.code).await.status, 200, "the ban is over");
}

#[tokio::test]
async fn nobody_elses_code_or_link_helps() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada@example.com").await;
    let eve = app.sign_up("eve@example.com").await;
    assert_eq!(app.enter_code("ada@example.com", &eve.code).await.refusal(), dead());
    assert_eq!(app.enter_code("nobody@example.com", &eve.code).await.refusal(), dead());
    let session = app.post("/verify", json!({ "type": "signup", "token_hash": eve.token })).await.succeeded();
    assert_eq!(session.json()["user"]["email"], "eve@example.com");
    assert_eq!(app.enter_code("ada@example.com", &ada.code).await.status, 200);
}

#[tokio::test]
async fn a_code_is_no_link_and_a_link_no_code() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    assert_eq!(app.enter_code("ada@example.com", &link.token).await.refusal(), dead());
    assert_eq!(app.post("/verify", json!({ "type": "signup", "token_hash": link.code })).await.refusal(), dead());
    let cookie = link.cookie.expect("a cookie");
    let (_, cookie) = cookie.split_once('=').expect("a value");
    assert_eq!(app.post("/verify", json!({ "type": "signup", "token_hash": cookie })).await.refusal(), dead());
}

#[tokio::test]
async fn a_code_is_not_taken_in_another_writing() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let before = app.database.contents().await;
    let arabic: String =
        link.code.chars().map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0x660).expect("a digit")).collect();
    for code in [format!("-{}", link.code), format!("{}.", link.code), format!("0{}", link.code), arabic] {
        assert_eq!(app.enter_code("ada@example.com", &code).await.refusal(), dead(), "{code}");
    }
    assert_eq!(app.database.contents().await, before, "what cannot be a code is no guess");
    assert_eq!(app.enter_code("ada@example.com", &link.code).await.status, 200);
}

#[tokio::test]
async fn of_thirty_two_entries_of_one_code_at_once_one_signs_in() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let calls = (0..32).map(|_| app.enter_code("ada@example.com", &link.code).send());
    let statuses: Vec<u16> = join_all(calls).await.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 31, "{statuses:?}");
    assert_eq!(app.database.count("sessions").await, 1);
}

#[tokio::test]
async fn of_thirty_two_uses_of_one_link_by_all_three_ways_at_once_one_signs_in() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let calls = (0..32).map(|n| match n % 3 {
        0 => app.post("/verify", json!({ "type": "signup", "token_hash": link.token })).send(),
        1 => app.enter_code("ada@example.com", &link.code).send(),
        _ => app.press_button(&link, link.cookie.as_deref()).send(),
    });
    let answers = join_all(calls).await;
    let signed_in = answers.iter().filter(|answer| [200, 303].contains(&answer.status.as_u16())).count();
    assert_eq!(signed_in, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| !answer.status.is_server_error()));
    assert_eq!(app.database.count("sessions").await, 1);
}

/// Forms send every field they have.
#[tokio::test]
async fn an_empty_field_is_one_that_was_left_out() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let body = json!({ "type": "signup", "token_hash": link.token, "token": "", "email": "", "phone": "" });
    app.post("/verify", body).await.succeeded();
}

/// As a phone's keyboard and a mail program hand them over.
#[tokio::test]
async fn blanks_around_the_address_and_in_the_code_are_no_part_of_them() {
    let app = TestApp::start().await;
    app.post("/signup", json!({ "email": "Ada@example.com ", "password": PASSWORD })).await.succeeded();
    let link = app.mailbox.link_to("ada@example.com");
    let spaced = format!(" {} {}\u{a0}", &link.code[..3], &link.code[3..]);
    app.enter_code("ada@example.com ", &spaced).await.succeeded();
    app.sign_in(" ada@example.com ", PASSWORD).await.succeeded();
}

#[tokio::test]
async fn what_is_missing_or_does_not_fit_together_is_named() {
    let app = TestApp::start().await;
    let link = app.sign_up("ada@example.com").await;
    let before = app.database.contents().await;
    let token = &link.token;
    let code = &link.code;
    let cases: [(Value, u16, &str); 15] = [
        (json!({}), 400, "validation_failed"),
        (json!({ "token_hash": token }), 400, "validation_failed"),
        (json!({ "type": "signup" }), 400, "validation_failed"),
        (json!({ "type": "signup", "token": code }), 400, "validation_failed"),
        (json!({ "type": "signup", "email": "ada@example.com" }), 400, "validation_failed"),
        (json!({ "type": "signup", "token_hash": token, "email": "ada@example.com" }), 400, "validation_failed"),
        (json!({ "type": "signup", "token_hash": token, "token": code }), 400, "validation_failed"),
        (json!({ "type": "nonsense", "token_hash": token }), 400, "validation_failed"),
        (json!({ "type": "recovery", "token_hash": token }), 403, "otp_expired"),
        (json!({ "type": "email_change", "token": code, "email": "ada@example.com" }), 403, "otp_expired"),
        (json!({ "type": "sms", "token": code, "phone": "+1234567" }), 400, "phone_provider_disabled"),
        (json!({ "type": "signup", "token": code, "phone": "+1234567" }), 400, "phone_provider_disabled"),
        (json!({ "type": "signup", "token": code, "email": "not an address" }), 400, "email_address_invalid"),
        (json!({ "type": "signup", "token": code, "email": "" }), 400, "validation_failed"),
        (json!({ "type": "signup", "token": "", "email": "ada@example.com" }), 400, "validation_failed"),
    ];
    for (body, status, code) in cases {
        assert_eq!(app.post("/verify", body.clone()).await.refusal(), (status, code.to_owned()), "{body}");
    }
    assert_eq!(app.database.contents().await, before);
    assert_eq!(app.enter_code("ada@example.com", code).await.status, 200);
}
