//! Somebody uses an old refresh token: the session ends, for the thief and for everybody else, and
//! its owner is told.

use chrono::TimeDelta;
use edgegate::domain::policy;
use serde_json::{Value, json};

use crate::endpoints::token::refresh::{ADA, good, refresh_token};
use crate::support::kv::FaultMode;
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

/// A failing list is worth a warning. A slow one is not: there is nothing to repair.
#[tokio::test]
async fn a_list_that_is_down_neither_stops_a_good_session_nor_lets_a_revoked_one_go_on() {
    for (fault_mode, line, level) in
        [(FaultMode::Failing, "revocation_list_failed", "warn"), (FaultMode::Hanging, "revocation_list_slow", "info")]
    {
        let app = TestApp::start().await;
        let first = app.signed_in(ADA).await;
        app.kv.becomes(fault_mode);
        // What waits for KV gives up, after the response too; a whole request is given longer than
        // that.
        app.clock.let_limits_run_out_up_to(policy::REVOCATION_PUBLISH_TIMEOUT);
        let second = good(app.refresh(&refresh_token(&first)).await);
        assert_eq!(app.log.newest(line)["level"], level);
        assert_eq!(app.log.text().contains("revocation_list_failed"), fault_mode == FaultMode::Failing);
        app.post("/logout", json!({})).bearer(second["access_token"].as_str().unwrap()).await.succeeded();
        assert_eq!(app.refresh(&refresh_token(&second)).await.code(), "session_not_found");
    }
}

/// One tab asks and hears late; meanwhile another refreshes twice, all within half a minute. Then
/// the late one is taken for a thief, and everybody is signed out. It has to be so: a copy that was
/// stolen and used at once looks exactly like that, and forgiving two generations would let thief
/// and owner go on side by side. Whoever has many tabs refreshes in one of them, as the SDKs do by
/// a lock.
#[tokio::test]
async fn a_tab_that_comes_two_rotations_late_is_taken_for_a_thief_even_within_the_interval() {
    let app = TestApp::start().await;
    let first = app.signed_in(ADA).await;
    app.clock.advance(TimeDelta::seconds(5));
    let second = good(app.refresh(&refresh_token(&first)).await);
    app.clock.advance(TimeDelta::seconds(5));
    let third = good(app.refresh(&refresh_token(&second)).await);
    app.clock.advance(TimeDelta::seconds(5));
    assert_eq!(app.refresh(&refresh_token(&first)).await.refusal(), already_used());
    assert_eq!(app.refresh(&refresh_token(&third)).await.code(), "session_not_found");
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

/// Whoever has the password can sign in and replay as often as they like; the mailbox is not theirs
/// to fill.
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

/// What became of the mail that tells of a replay: attempts, when it is due, and why it failed.
async fn told(app: &TestApp) -> Value {
    let sql = "SELECT jsonb_agg(jsonb_build_array(attempts, next_attempt_at, last_error, sent_at IS NOT NULL))
        FROM edgegate.outbox WHERE kind = 'session_replayed'";
    app.database.value(sql).await
}

async fn replayed(app: &TestApp) {
    let first = app.sign_in(ADA, PASSWORD).await.json();
    good(app.refresh(&refresh_token(&first)).await);
    app.clock.advance(TimeDelta::seconds(31));
    assert_eq!(app.refresh(&refresh_token(&first)).await.refusal(), already_used());
}

#[tokio::test]
async fn while_the_mail_provider_wants_to_be_left_alone_the_mail_waits() {
    let app = TestApp::start().await;
    app.signed_in(ADA).await;
    let paused = "UPDATE edgegate.mail_pause SET paused_until = '2026-11-22T12:10:00Z'";
    app.database.change(paused).await;
    let attempts = app.mailbox.attempts();
    replayed(&app).await;
    assert_eq!(app.mailbox.attempts(), attempts, "no attempt begins before");
    assert_eq!(told(&app).await, json!([[0, "2026-11-22T12:10:00+00:00", null, false]]));
    app.clock.advance(TimeDelta::minutes(10));
    app.sweep().await;
    assert_eq!(app.mailbox.to(ADA).len(), 2);
}

#[tokio::test]
async fn to_an_address_that_takes_no_mail_none_is_sent_and_the_row_says_why() {
    let app = TestApp::start().await;
    app.signed_in(ADA).await;
    let bounced = "INSERT INTO edgegate.mail_suppressions (email_key, reason, provider, happened_at, created_at)
        VALUES ('ada@example.com', 'bounced', 'resend', '2026-11-22T12:00:00Z', '2026-11-22T12:00:00Z')";
    app.database.change(bounced).await;
    let attempts = app.mailbox.attempts();
    replayed(&app).await;
    assert_eq!(app.mailbox.attempts(), attempts);
    assert_eq!(told(&app).await, json!([[0, null, "suppressed: bounced", false]]));
}
