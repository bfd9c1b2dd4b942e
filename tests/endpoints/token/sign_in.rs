//! `POST /token?grant_type=password`. `foreign` has hashes of other systems, `limits` guessing,
//! `secrets` the rotation of `AUTH_SECRET` and of hash parameters.

mod foreign;
mod limits;
mod secrets;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestApp, tokens};

fn wrong() -> (u16, String) {
    (400, "invalid_credentials".to_owned())
}

#[tokio::test]
async fn the_right_password_opens_a_session() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    app.clock.advance(TimeDelta::hours(1));
    let answer = app.sign_in("Ada@Example.COM", PASSWORD).await.succeeded();
    let session = answer.json();
    assert_eq!((&session["token_type"], &session["expires_in"]), (&json!("bearer"), &json!(600)));
    assert_eq!(session["expires_at"], 1_795_353_000);
    assert_eq!(session["user"]["last_sign_in_at"], "2026-11-22T13:00:00.000000Z");
    let claims = tokens::claims(&answer.access_token());
    assert_eq!(claims["amr"], json!([{ "method": "password", "timestamp": 1_795_352_400 }]));
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(1_795_352_400), &json!(1_795_353_000)));
    assert_eq!(claims["sub"], session["user"]["id"]);
    assert_eq!(app.get("/user").bearer(&answer.access_token()).await.status, 200);
}

#[tokio::test]
async fn every_sign_in_is_a_session_of_its_own() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    let first = app.sign_in("ada@example.com", PASSWORD).await.access_token();
    let second = app.sign_in("ada@example.com", PASSWORD).await.access_token();
    let (first, second) = (tokens::claims(&first), tokens::claims(&second));
    assert_ne!(first["session_id"], second["session_id"]);
    assert_ne!(first["jti"], second["jti"]);
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_by_default_and_otherwise_as_set() {
    for (changes, days) in [(&[][..], 30), (&[("SESSION_MAX_DAYS", "3")][..], 3)] {
        let app = TestApp::with(changes).await;
        app.signed_in("ada@example.com").await;
        let sql = "SELECT bool_and(expires_at - created_at = make_interval(days => %)) FROM edgegate.sessions";
        assert!(app.database.value::<bool>(&sql.replace('%', &days.to_string())).await);
    }
}

/// Status, headers and body with the request's id blotted out.
fn shape(answer: &Answer) -> (u16, Vec<String>, String) {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != "x-request-id")
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    (answer.status.as_u16(), headers, answer.text())
}

/// SECURITY.md T-30.
#[tokio::test]
async fn a_wrong_password_is_answered_the_same_whatever_the_account() {
    let app = TestApp::start().await;
    for address in ["confirmed@example.com", "banned@example.com", "deleted@example.com", "nopassword@example.com"] {
        app.signed_in(address).await;
    }
    app.sign_up("unconfirmed@example.com").await;
    app.database.change("UPDATE edgegate.users SET banned_until = '2030-01-01' WHERE email LIKE 'banned@%'").await;
    app.database.change("UPDATE edgegate.users SET password_hash = NULL WHERE email LIKE 'nopassword@%'").await;
    app.database.change("DELETE FROM edgegate.users WHERE email LIKE 'deleted@%'").await;
    let unknown = shape(&app.sign_in("unknown@example.com", "not the password").await);
    assert_eq!(unknown.0, 400);
    assert_eq!(unknown.2, r#"{"code":400,"error_code":"invalid_credentials","msg":"Invalid login credentials"}"#);
    for address in [
        "confirmed@example.com",
        "banned@example.com",
        "deleted@example.com",
        "nopassword@example.com",
        "unconfirmed@example.com",
        "not an address",
        "",
    ] {
        assert_eq!(shape(&app.sign_in(address, "not the password").await), unknown, "{address}");
    }
    for password in ["", &"x".repeat(5000)] {
        assert_eq!(shape(&app.sign_in("confirmed@example.com", password).await), unknown);
    }
}

#[tokio::test]
async fn unless_it_is_wanted_nobody_learns_that_an_account_is_unconfirmed() {
    let app = TestApp::with(&[("SIGN_IN_TELLS_UNCONFIRMED", "")]).await;
    app.signed_in("ada@example.com").await;
    for address in ["ada@example.com", "unknown@example.com"] {
        app.clock.advance(chrono::TimeDelta::minutes(2));
        let body = json!({ "email": address, "password": "chosen by a stranger" });
        app.post("/signup", body.clone()).await.succeeded();
        let answer = app.post("/token?grant_type=password", body).await;
        assert_eq!(
            answer.refusal(),
            wrong(),
            "{address}: signing up and in again must not tell that it has an account"
        );
    }
}

#[tokio::test]
async fn only_the_right_password_learns_that_an_account_is_unconfirmed_or_banned() {
    let app = TestApp::start().await;
    app.sign_up("ada@example.com").await;
    assert_eq!(app.sign_in("ada@example.com", "not the password").await.refusal(), wrong());
    let answer = app.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(answer.refusal(), (400, "email_not_confirmed".to_owned()));
    assert_eq!(answer.json()["msg"], "Email not confirmed");
    app.signed_in("bob@example.com").await;
    app.database.change("UPDATE edgegate.users SET banned_until = '2026-11-22 12:05' WHERE email LIKE 'bob@%'").await;
    assert_eq!(app.sign_in("bob@example.com", "not the password").await.refusal(), wrong());
    assert_eq!(app.sign_in("bob@example.com", PASSWORD).await.code(), "user_banned");
    app.clock.advance(TimeDelta::minutes(5));
    assert_eq!(app.sign_in("bob@example.com", PASSWORD).await.status, 200);
    assert_eq!(app.database.count("sessions").await, 2);
}

/// Whoever signs up for an address and then signs in would learn whether it has an account.
#[tokio::test]
async fn unless_set_otherwise_a_right_password_for_an_unconfirmed_address_is_answered_like_a_wrong_one() {
    let app = TestApp::with(&[("SIGN_IN_TELLS_UNCONFIRMED", "")]).await;
    app.sign_up("ada@example.com").await;
    let right = shape(&app.sign_in("ada@example.com", PASSWORD).await);
    assert_eq!(right, shape(&app.sign_in("ada@example.com", "not the password").await));
    assert_eq!(right.0, 400);
    assert_eq!(app.database.count("sessions").await, 0);
}

/// SECURITY.md T-31: the work is counted instead of the time.
#[tokio::test]
async fn the_database_is_asked_the_same_for_a_wrong_password_and_an_unknown_account() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    let mut work = Vec::new();
    for address in ["ada@example.com", "unknown@example.com"] {
        let before = app.database.traffic();
        app.sign_in(address, "not the password").await;
        let after = app.database.traffic();
        work.push((after.0 - before.0, after.1 - before.1));
    }
    assert_eq!(work, [(1, 1), (1, 1)]);
}

#[tokio::test]
async fn an_audit_record_says_so() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    let call = app.post("/token?grant_type=password", json!({ "email": "ada@example.com", "password": PASSWORD }));
    call.caller_ip("2001:db8::9").header("user-agent", "Browser/2.0").await.succeeded();
    let record: Value = app
        .database
        .value("SELECT to_jsonb(a) - 'id' - 'user_id' FROM edgegate.audit_events a WHERE action = 'signed_in'")
        .await;
    assert_eq!(
        record,
        json!({
            "action": "signed_in", "actor": null, "ip": "2001:db8::9", "user_agent": "Browser/2.0",
            "created_at": "2026-11-22T12:00:00+00:00",
        })
    );
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let app = TestApp::start().await;
    for (body, status, code) in [
        (json!({}), 400, "validation_failed"),
        (json!({ "email": "ada@example.com" }), 400, "validation_failed"),
        (json!({ "password": PASSWORD }), 400, "validation_failed"),
        (json!({ "email": null, "password": PASSWORD }), 400, "validation_failed"),
        (json!({ "phone": "+1234567", "password": PASSWORD }), 422, "phone_provider_disabled"),
    ] {
        let answer = app.post("/token?grant_type=password", body.clone()).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{body}");
    }
    assert_eq!(app.database.count("throttles").await, 0);
}

#[tokio::test]
async fn another_grant_is_not_offered_and_its_body_not_read() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    for query in [
        "",
        "?grant_type=",
        "?grant_type=PKCE",
        "?grant_type=REFRESH_TOKEN",
        "?grant_type=PASSWORD",
        "?grant_type=password%20",
        "?grant=password",
    ] {
        let answer = app.post(&format!("/token{query}"), body.clone()).await;
        assert_eq!(answer.refusal(), wrong(), "{query}");
        assert_eq!(answer.json()["msg"], "unsupported_grant_type");
    }
    let twice = app.post("/token?grant_type=password&grant_type=password", body).await;
    assert_eq!(twice.refusal(), (400, "validation_failed".to_owned()));
}

#[tokio::test]
async fn of_calls_beyond_the_room_for_hashing_the_surplus_is_told_to_come_back() {
    let app = TestApp::with(&[("PASSWORD_HASHES_IN_FLIGHT", "1")]).await;
    app.signed_in("ada@example.com").await;
    let answers = join_all((0..8).map(|_| app.sign_in("ada@example.com", PASSWORD))).await;
    let busy: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(busy.len(), 7);
    assert_eq!(busy[0].code(), "over_capacity");
    assert_eq!(busy[0].header("retry-after").as_deref(), Some("1"));
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200, "the place was given back");
    let sign_up = json!({ "email": "bob@example.com", "password": PASSWORD });
    let _taken = app.hash_slot().expect("a free place");
    assert_eq!(app.post("/signup", sign_up).await.refusal(), (503, "over_capacity".to_owned()));
    assert_eq!(app.get("/settings").await.status, 200, "what hashes nothing goes on");
}

#[tokio::test]
async fn a_place_is_given_back_when_a_call_fails() {
    let app = TestApp::with(&[("PASSWORD_HASHES_IN_FLIGHT", "1")]).await;
    app.signed_in("ada@example.com").await;
    for _ in 0..3 {
        assert_eq!(app.sign_in("ada@example.com", "not the password").await.refusal(), wrong());
    }
    app.database.go_down();
    for _ in 0..3 {
        assert_eq!(
            app.sign_in("ada@example.com", PASSWORD).await.refusal(),
            (503, "temporarily_unavailable".to_owned())
        );
    }
    assert!(app.hash_slot().is_some());
}

/// Somebody replaced the row's hash by what is none: nobody is signed in, and the log says why.
#[tokio::test]
async fn a_hash_that_cannot_be_read_lets_nobody_in() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    for hash in ["", "x", "$pbkdf2-sha512$i=1,l=32,k=00000000$AAAAAAAAAAAAAAAAAAAAAA$AAAA", PASSWORD] {
        app.database.change(&format!("UPDATE edgegate.users SET password_hash = '{hash}'")).await;
        let answer = app.sign_in("ada@example.com", PASSWORD).await;
        assert!(!answer.status.is_success(), "{hash}");
        assert!(app.log.text().contains("stored password hash"), "{}", app.log.text());
        app.database.change("DELETE FROM edgegate.throttles").await;
    }
}

/// Whoever knows the password can invent devices; the owner is told, and neither mailbox nor table
/// overflows.
#[tokio::test]
async fn of_many_new_devices_five_an_hour_are_mailed_and_fifty_are_remembered() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    let before = app.mailbox.to("ada@example.com").len();
    for n in 0..60 {
        let body = json!({ "email": "ada@example.com", "password": PASSWORD });
        let call = app.post("/token?grant_type=password", body).header("user-agent", &format!("Device{n}/1.0"));
        call.await.succeeded();
    }
    let mails = app.mailbox.to("ada@example.com").len() - before;
    assert!((1..=5).contains(&mails), "{mails}");
    assert!(app.database.count("devices").await <= 50);
}
