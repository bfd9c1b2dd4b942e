//! `PUT /admin/users/{id}`: bans an account, or lifts the ban.

use axum::http::Method;
use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::support::client::{
    ADA, BOB, Client, admin, audited, ban, no_error_was_logged, no_service_tokens, nothing_is_pending,
    one_right_after_the_other, session_is_over,
};
use crate::support::{PASSWORD, TestApp, tokens};

fn banned() -> (u16, String) {
    (400, "user_banned".to_owned())
}

#[tokio::test]
async fn a_ban_ends_all_sessions_and_lets_nobody_in() {
    let app = TestApp::start().await;
    let adas = [Client::new(&app, ADA).await, Client::another(&app, ADA).await];
    let bob = Client::new(&app, BOB).await;
    let user = ban(&app, adas[0].user, &json!("24h")).await.succeeded().json();
    assert_eq!((&user["id"], &user["email"]), (&json!(adas[0].user), &json!(ADA)));
    assert_eq!(user["banned_until"], "2026-11-23T12:00:00.000000Z");
    assert_eq!(user.get("password_hash"), None);
    nothing_is_pending(&app).await;
    for ada in &adas {
        ada.has_ended(&app).await;
    }
    assert_eq!(app.sign_in(ADA, PASSWORD).await.refusal(), banned());
    assert_eq!(app.sign_in(ADA, "not the password").await.refusal(), (400, "invalid_credentials".to_owned()));
    bob.goes_on(&app).await;
    no_error_was_logged(&app);
}

#[tokio::test]
async fn a_ban_lasts_as_long_as_it_was_set_for() {
    for (text, seconds) in
        [("24h", 86_400), ("1h30m", 5400), ("90m", 5400), ("1h 30m", 5400), ("45s", 45), ("876000h", 3_153_600_000)]
    {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        ban(&app, ada.user, &json!(text)).await.succeeded();
        app.clock.advance(TimeDelta::seconds(seconds) - TimeDelta::milliseconds(1));
        assert_eq!(app.sign_in(ADA, PASSWORD).await.refusal(), banned(), "{text}");
        app.clock.advance(TimeDelta::milliseconds(1));
        let again = Client::another(&app, ADA).await;
        let user = again.get(&app, "/user").await.succeeded().json();
        assert_eq!(user.get("banned_until"), None, "{text}");
    }
}

#[tokio::test]
async fn none_lifts_the_ban_and_brings_no_session_back() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    ban(&app, ada.user, &json!("24h")).await.succeeded();
    let user = ban(&app, ada.user, &json!("none")).await.succeeded().json();
    assert_eq!(user.get("banned_until"), None);
    ada.has_ended(&app).await;
    Client::another(&app, ADA).await.goes_on(&app).await;
    assert_eq!(audited(&app, "banned").await.as_array().map(Vec::len), Some(1));
    assert_eq!(audited(&app, "unbanned").await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn lifting_a_ban_that_is_none_ends_no_session() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    ban(&app, ada.user, &json!("none")).await.succeeded();
    ada.goes_on(&app).await;
}

#[tokio::test]
async fn the_newest_ban_counts() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    ban(&app, ada.user, &json!("24h")).await.succeeded();
    ban(&app, ada.user, &json!("1h")).await.succeeded();
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_duration_that_is_none_changes_nothing() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.contents().await;
    for duration in [
        json!(""),
        json!(" "),
        json!("-1h"),
        json!("+1h"),
        json!("1e400h"),
        json!("999999999999h"),
        json!("24"),
        json!("0"),
        json!("0s"),
        json!("0h0m"),
        json!("h"),
        json!("24 parsecs"),
        json!("None"),
        json!(" none"),
        json!("forever"),
        json!("1.5.5h"),
        json!("99999999999999999999999999h"),
        json!("18446744073709551615s"),
        json!("\u{662}h"),
        json!(24),
        json!(24.5),
        json!(true),
        json!(["24h"]),
        json!({}),
        json!(null),
    ] {
        let answer = ban(&app, ada.user, &duration).await;
        assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()), "{duration}");
    }
    assert_eq!(app.database.contents().await, before);
    nothing_is_pending(&app).await;
    ada.goes_on(&app).await;
}

/// What the database can hold, the rest of the application has to be able to read.
#[tokio::test]
async fn a_ban_for_thousands_of_years_is_refused_or_works() {
    for duration in ["7000y", "8000y", "100000y", "250000y"] {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        let answer = ban(&app, ada.user, &json!(duration)).await;
        let signed_in = app.sign_in(ADA, PASSWORD).await;
        let outcome = (answer.status.as_u16(), signed_in.status.as_u16(), signed_in.code());
        let refused = (400, 200, String::new());
        assert!([refused, (200, 400, "user_banned".to_owned())].contains(&outcome), "{duration}: {outcome:?}");
        no_error_was_logged(&app);
    }
}

#[tokio::test]
async fn a_body_without_a_duration_changes_nothing() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.contents().await;
    let put = || admin(&app, &Method::PUT, &ada.user.to_string()).bearer(&tokens::service());
    let as_json = |body: &str| put().header("content-type", "application/json").body(body.to_owned());
    assert_eq!(as_json("{}").await.refusal(), (400, "validation_failed".to_owned()));
    assert_eq!(as_json(r#"{"email":"new@example.com","role":"service_role"}"#).await.code(), "validation_failed");
    for body in ["", "[]", "\"24h\"", r#"{"ban_duration":"24h","ban_duration":"none"}"#] {
        assert_eq!(as_json(body).await.refusal(), (400, "bad_json".to_owned()), "{body}");
    }
    let untyped = put().body(r#"{"ban_duration":"24h"}"#).await;
    assert_eq!(untyped.refusal(), (415, "unsupported_media_type".to_owned()));
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn nobody_is_banned_under_an_id_that_is_not_there() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.contents().await;
    let unknown = ban(&app, ada.session, &json!("24h")).await;
    assert_eq!(unknown.refusal(), (404, "user_not_found".to_owned()));
    for id in ["x", "me", "%00", ADA] {
        let call = admin(&app, &Method::PUT, id).bearer(&tokens::service());
        let call = call.header("content-type", "application/json").body(r#"{"ban_duration":"24h"}"#);
        assert_eq!(call.await.refusal(), (404, "validation_failed".to_owned()), "{id}");
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn without_a_service_token_nobody_is_banned() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = (app.database.contents().await, app.database.traffic());
    let put = |id: &str| {
        let call = admin(&app, &Method::PUT, id).header("content-type", "application/json");
        call.body(r#"{"ban_duration":"24h"}"#)
    };
    // Whether there is such an account, and whether the body makes sense, nobody else learns.
    for id in [ada.user.to_string(), ada.session.to_string(), "x".to_owned()] {
        assert_eq!(put(&id).await.refusal(), (401, "no_authorization".to_owned()));
        assert_eq!(put(&id).body("x").await.refusal(), (401, "no_authorization".to_owned()));
        for (token, (status, code)) in no_service_tokens(&ada) {
            assert_eq!(put(&id).bearer(&token).await.refusal(), (status, code.to_owned()), "{token}");
        }
    }
    assert_eq!((app.database.contents().await, app.database.traffic()), before);
    ada.goes_on(&app).await;
}

#[tokio::test]
async fn an_account_that_is_not_confirmed_can_be_banned_and_its_link_dies_for_good() {
    let app = TestApp::start().await;
    let link = app.sign_up(ADA).await;
    let user: uuid::Uuid = app.database.value("SELECT id FROM edgegate.users").await;
    ban(&app, user, &json!("1h")).await.succeeded();
    assert_eq!(app.enter_code(ADA, &link.code).await.refusal(), (403, "otp_expired".to_owned()));
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(app.enter_code(ADA, &link.code).await.refusal(), (403, "otp_expired".to_owned()), "the ban is over");
    app.post("/resend", json!({ "type": "signup", "email": ADA })).await.succeeded();
    assert_eq!(app.enter_code(ADA, &app.mailbox.link_to(ADA).code).await.status, 200, "a new one works");
}

#[tokio::test]
async fn an_audit_record_says_so() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let call = ban(&app, ada.user, &json!("24h")).caller_ip("2001:db8::9").header("user-agent", "Console/1.0");
    call.await.succeeded();
    assert_eq!(audited(&app, "banned").await, json!([[ada.user, "2001:db8::9", "Console/1.0"]]));
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_changes_nothing_about_it() {
    for statement in 0..2 {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        app.database.lose_answer(statement);
        assert_eq!(ban(&app, ada.user, &json!("24h")).await.status, 200, "statement {statement}");
        assert!(!app.database.is_losing());
        ada.has_ended(&app).await;
        nothing_is_pending(&app).await;
        assert_eq!(audited(&app, "banned").await.as_array().map(Vec::len), Some(1));
    }
}

/// Whoever signs in or refreshes at the same moment is either before the ban, and ends, or after
/// it, and is refused.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_under_way_escapes_a_ban() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    for round in 0..6 {
        let old = if round == 0 { ada.clone() } else { Client::another(&app, ADA).await };
        let sign_ins = join_all((0..4).map(|_| app.sign_in(ADA, PASSWORD)));
        let refresh = app.refresh(&old.refresh);
        let duration = json!("24h");
        let (banned, (signed_in, refreshed)) =
            join(ban(&app, ada.user, &duration).send(), join(sign_ins, refresh)).await;
        assert_eq!(banned.status, 200, "{banned:?}");
        for answer in signed_in.into_iter().chain([refreshed]) {
            assert!([200, 400].contains(&answer.status.as_u16()), "{answer:?}");
            if answer.status == 200 {
                let client = Client::of(&answer.json());
                assert_eq!(client.get(&app, "/user").await.refusal(), session_is_over(), "round {round}");
                client.has_ended(&app).await;
            }
        }
        let lifted: Value = ban(&app, ada.user, &json!("none")).await.succeeded().json();
        assert_eq!(lifted["id"], json!(ada.user));
        app.clock.advance(TimeDelta::minutes(5));
    }
    nothing_is_pending(&app).await;
    no_error_was_logged(&app);
}

#[tokio::test]
async fn a_sign_in_whose_password_was_verified_before_the_ban_is_refused_after_it() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let duration = json!("24h");
    let sign_in = app.post("/token?grant_type=password", json!({ "email": ADA, "password": PASSWORD }));
    let (first, second) = one_right_after_the_other(&app, ban(&app, ada.user, &duration), sign_in).await;
    assert_eq!(first.status, 200);
    assert_eq!(second.status, 400, "{second:?}");
    assert_eq!(app.database.count("sessions").await, 1);
}
