//! Somebody uses an old refresh token: the session ends, for the thief and for everybody else, and its owner is told (T-10).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{ADA, good, refresh_token};
use crate::support::kv::Mood;
use crate::support::{PASSWORD, TestApp, tokens};

fn already_used() -> (u16, String) {
    (400, "refresh_token_already_used".to_owned())
}

fn session_id(session: &Value) -> uuid::Uuid {
    let claims = tokens::claims(session["access_token"].as_str().expect("a token"));
    claims["session_id"].as_str().expect("an id").parse().expect("a UUID")
}

#[tokio::test]
async fn a_token_two_generations_old_ends_the_session_with_its_newest_token() {
    let app = TestApp::start().await;
    let first = app.signed_in(ADA).await;
    let second = good(app.refresh(&refresh_token(&first)).await);
    let third = good(app.refresh(&refresh_token(&second)).await);

    assert_eq!(app.refresh(&refresh_token(&first)).await.refusal(), already_used());

    for session in [&first, &second, &third] {
        let gone = app.refresh(&refresh_token(session)).await;
        assert_eq!(gone.refusal(), (400, "session_not_found".to_owned()));
        let access_token = session["access_token"].as_str().expect("a token");
        assert_eq!(app.get("/user").bearer(access_token).await.refusal(), (401, "session_not_found".to_owned()));
    }
    assert!(app.kv.holds(session_id(&first)));
    let events: Value =
        app.database.value("SELECT jsonb_agg(action ORDER BY created_at, action) FROM edgegate.audit_events").await;
    assert!(events.as_array().expect("events").contains(&json!("refresh_token_replayed")), "{events}");
}

#[tokio::test]
async fn a_token_replayed_after_the_interval_ends_the_session_too() {
    let app = TestApp::start().await;
    let first = app.signed_in(ADA).await;
    let second = good(app.refresh(&refresh_token(&first)).await);
    app.clock.advance(TimeDelta::seconds(31));
    assert_eq!(app.refresh(&refresh_token(&first)).await.refusal(), already_used());
    assert_eq!(app.refresh(&refresh_token(&second)).await.code(), "session_not_found");
}

#[tokio::test]
async fn the_owner_gets_one_mail_that_says_what_happened() {
    let app = TestApp::start().await;
    let first = app.signed_in(ADA).await;
    good(app.refresh(&refresh_token(&first)).await);
    app.clock.advance(TimeDelta::minutes(5));
    let thief = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
    for _ in 0..3 {
        let body = json!({ "refresh_token": refresh_token(&first) });
        app.post("/token?grant_type=refresh_token", body).caller_ip("203.0.113.9").header("user-agent", thief).await;
    }
    let mails = app.mailbox.to(ADA);
    assert_eq!(mails.len(), 2, "the confirmation, and this one");
    let mail = &mails[1];
    assert_eq!(mail.subject, "One of your Edgeville sessions was ended");
    for words in ["22 November 2026, 12:05 UTC", "Chrome on Windows", "203.0.113.9", "https://app.example.com"] {
        assert!(mail.text.replace('\u{a0}', " ").contains(words), "{words}: {}", mail.text);
    }
}

#[tokio::test]
async fn the_mail_waits_when_the_worker_is_killed_and_the_list_is_told_by_the_cron_trigger() {
    let app = TestApp::start().await;
    let first = app.signed_in(ADA).await;
    good(app.refresh(&refresh_token(&first)).await);
    app.clock.advance(TimeDelta::minutes(5));
    app.lose_background_work();
    assert_eq!(app.refresh(&refresh_token(&first)).await.refusal(), already_used());
    assert!(!app.kv.holds(session_id(&first)));
    app.clock.advance(TimeDelta::minutes(1));
    app.sweep().await;
    assert!(app.kv.holds(session_id(&first)));
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert_eq!(app.mailbox.to(ADA).len(), 2);
}

#[tokio::test]
async fn other_sessions_of_the_same_user_go_on() {
    let app = TestApp::start().await;
    let stolen = app.signed_in(ADA).await;
    let other = app.sign_in(ADA, PASSWORD).await.json();
    let second = good(app.refresh(&refresh_token(&stolen)).await);
    good(app.refresh(&refresh_token(&second)).await);
    assert_eq!(app.refresh(&refresh_token(&stolen)).await.refusal(), already_used());
    good(app.refresh(&refresh_token(&other)).await);
}

#[tokio::test]
async fn a_list_that_is_down_neither_stops_a_good_session_nor_lets_a_revoked_one_go_on() {
    for mood in [Mood::Failing, Mood::Silent] {
        let app = TestApp::start().await;
        let first = app.signed_in(ADA).await;
        app.kv.becomes(mood);
        if mood == Mood::Silent {
            app.clock.let_limits_run_out();
        }
        let answer = app.refresh(&refresh_token(&first)).await;
        if mood == Mood::Silent {
            // The frozen clock lets every limit run out at once, that of the request too.
            assert!([200, 504].contains(&answer.status.as_u16()), "{answer:?}");
            continue;
        }
        let second = good(answer);
        assert_eq!(app.log.newest("revocation_list_failed")["level"], "warn");
        app.post("/logout", json!({})).bearer(second["access_token"].as_str().unwrap()).await.succeeded();
        assert_eq!(app.refresh(&refresh_token(&second)).await.code(), "session_not_found");
    }
}

#[tokio::test]
async fn a_session_on_the_list_is_refused_without_the_database() {
    let app = TestApp::start().await;
    let session = app.signed_in(ADA).await;
    app.post("/logout", json!({})).bearer(session["access_token"].as_str().unwrap()).await.succeeded();
    let before = app.database.traffic();
    assert_eq!(app.refresh(&refresh_token(&session)).await.refusal(), (400, "session_not_found".to_owned()));
    assert_eq!(app.database.traffic(), before);
}

/// Whoever has the password can sign in and replay as often as they like; the mailbox is not theirs to fill.
#[tokio::test]
async fn many_replayed_sessions_of_one_account_make_one_mail_an_hour() {
    let app = TestApp::start().await;
    app.signed_in(ADA).await;
    let replay = async || {
        let first = app.sign_in(ADA, PASSWORD).await.json();
        good(app.refresh(&refresh_token(&first)).await);
        app.clock.advance(TimeDelta::seconds(31));
        assert_eq!(app.refresh(&refresh_token(&first)).await.refusal(), already_used());
        assert!(app.kv.holds(session_id(&first)), "it ends all the same");
    };
    for _ in 0..3 {
        replay().await;
    }
    assert_eq!(app.mailbox.to(ADA).len(), 2, "the confirmation, and one");
    app.clock.advance(TimeDelta::hours(1));
    replay().await;
    assert_eq!(app.mailbox.to(ADA).len(), 3);
}
