//! What the sweep removes, and what it keeps.

use chrono::TimeDelta;
use serde_json::json;

use crate::flows::mail::deliver::ADA;
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn counters_go_two_days_after_their_last_attempt() {
    let app = TestApp::start().await;
    app.sign_in("nobody@example.com", "some password").await;
    assert_eq!(app.database.count("throttles").await, 3);
    app.clock.advance(TimeDelta::days(2));
    app.sweep().await;
    assert_eq!(app.database.count("throttles").await, 3);
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.count("throttles").await, 0);
    assert_eq!(app.log.newest("cron_run")["rows.removed"], 3);
}

#[tokio::test]
async fn what_a_flood_left_behind_goes_in_one_run() {
    let app = TestApp::start().await;
    let flood = "INSERT INTO edgegate.throttles (key, count, last_at, blocked_until, last_request)
        SELECT sha256(n::text::bytea), 1, '2026-11-01', '2026-11-01', gen_random_uuid() FROM generate_series(1, 2500) AS n";
    app.database.change(flood).await;
    app.sweep().await;
    assert_eq!(app.database.count("throttles").await, 0);
    assert_eq!(app.log.newest("cron_run")["rows.removed"], 2500);
}

#[tokio::test]
async fn a_counter_that_still_blocks_stays() {
    let app = TestApp::start().await;
    app.sign_in("nobody@example.com", "some password").await;
    app.database.change("UPDATE edgegate.throttles SET blocked_until = '2026-12-22'").await;
    app.clock.advance(TimeDelta::days(3));
    app.sweep().await;
    assert_eq!(app.database.count("throttles").await, 3);
}

#[tokio::test]
async fn mails_go_seven_days_after_they_were_queued_but_never_while_they_wait() {
    let app = TestApp::start().await;
    app.sign_up(ADA).await;
    app.clock.advance(TimeDelta::days(7));
    app.sweep().await;
    assert_eq!(app.database.count("outbox").await, 1);
    app.database.change("UPDATE edgegate.outbox SET sent_at = NULL, next_attempt_at = '2027-01-01'").await;
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.count("outbox").await, 1, "it waits");
    app.database.change("UPDATE edgegate.outbox SET failed_at = created_at, next_attempt_at = NULL").await;
    app.sweep().await;
    assert_eq!(app.database.count("outbox").await, 0);
}

#[tokio::test]
async fn sessions_go_seven_days_after_their_end_and_accounts_and_records_stay() {
    let app = TestApp::start().await;
    app.signed_in(ADA).await;
    let ended = app.sign_in(ADA, PASSWORD).await.access_token();
    app.post("/logout?scope=local", serde_json::json!({})).bearer(&ended).await.succeeded();
    for (days, left) in [(7, 2), (30, 1)] {
        app.clock.advance(TimeDelta::days(days));
        app.sweep().await;
        assert_eq!(app.database.count("sessions").await, left);
        app.clock.advance(TimeDelta::seconds(1));
        app.sweep().await;
        assert_eq!(app.database.count("sessions").await, left - 1);
        app.clock.advance(TimeDelta::seconds(-1));
    }
    assert_eq!((app.database.count("users").await, app.database.count("audit_events").await), (1, 4));
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn accounts_that_nobody_confirmed_go_after_thirty_days_and_confirmed_ones_stay() {
    let app = TestApp::start().await;
    app.sign_up("unconfirmed@example.com").await;
    app.signed_in(ADA).await;
    app.clock.advance(TimeDelta::days(30));
    app.sweep().await;
    assert_eq!(app.database.count("users").await, 2);
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.value::<String>("SELECT string_agg(email, ',') FROM edgegate.users").await, ADA);
    app.sign_up("unconfirmed@example.com").await;
}

#[tokio::test]
async fn an_account_that_repeated_its_sign_up_lately_stays() {
    let app = TestApp::start().await;
    app.sign_up(ADA).await;
    app.clock.advance(TimeDelta::days(29));
    let link = app.sign_up(ADA).await;
    app.clock.advance(TimeDelta::hours(23));
    app.clock.advance(TimeDelta::minutes(59));
    app.sweep().await;
    app.enter_code(ADA, &link.code).await.succeeded();
}

#[tokio::test]
async fn audit_records_go_after_a_year() {
    let app = TestApp::start().await;
    app.signed_in(ADA).await;
    app.clock.advance(TimeDelta::days(365));
    app.sweep().await;
    assert_eq!(app.database.count("audit_events").await, 2);
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!((app.database.count("audit_events").await, app.database.count("users").await), (0, 1));
}

#[tokio::test]
async fn an_account_that_nobody_confirmed_goes_after_thirty_days_and_its_address_is_free() {
    let app = TestApp::start().await;
    app.sign_up(ADA).await;
    app.signed_in("grace@example.com").await;
    app.clock.advance(TimeDelta::days(30));
    app.sweep().await;
    assert_eq!(app.database.count("users").await, 2);
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.count("users").await, 1, "the confirmed one stays");
    app.sign_up(ADA).await;
}

#[tokio::test]
async fn audit_events_go_after_a_year() {
    let app = TestApp::start().await;
    app.signed_in(ADA).await;
    let before = app.database.count("audit_events").await;
    assert!(before > 0);
    app.clock.advance(TimeDelta::days(365));
    app.sweep().await;
    assert_eq!(app.database.count("audit_events").await, before);
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.count("audit_events").await, 0);
}

#[tokio::test]
async fn an_anonymous_account_goes_once_its_last_session_has() {
    let app = TestApp::with(&[("ANONYMOUS_SIGN_INS", "true")]).await;
    let session = app.post("/signup", json!({})).await.succeeded().json();
    app.clock.advance(TimeDelta::days(30) + TimeDelta::days(7));
    app.sweep().await;
    assert_eq!(
        (app.database.count("sessions").await, app.database.count("users").await),
        (1, 1),
        "as long as it is kept"
    );
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    app.sweep().await;
    assert_eq!((app.database.count("sessions").await, app.database.count("users").await), (0, 0));
    let id: uuid::Uuid = app.database.value("SELECT id FROM edgegate.deleted_users").await;
    assert_eq!(json!(id), session["user"]["id"]);
}

#[tokio::test]
async fn an_account_that_its_owner_deleted_goes_when_its_grace_period_is_over() {
    let app = TestApp::with(&[("ACCOUNT_DELETION_GRACE_DAYS", "14")]).await;
    let token = app.signed_in(ADA).await["access_token"].as_str().expect("a token").to_owned();
    app.call(axum::http::Method::DELETE, "/auth/v1/user").bearer(&token).await.succeeded();
    app.clock.advance(TimeDelta::days(14) - TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.count("users").await, 1);
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!((app.database.count("users").await, app.database.count("deleted_users").await), (0, 1));
    let places = "SELECT count(*) FROM edgegate.audit_events WHERE ip IS NOT NULL OR user_agent IS NOT NULL";
    assert_eq!(app.database.value::<i64>(places).await, 0);
    let last = "SELECT action FROM edgegate.audit_events ORDER BY created_at DESC LIMIT 1";
    assert_eq!(app.database.value::<String>(last).await, "deleted_by_owner");
}

#[tokio::test]
async fn rate_limits_go_two_days_after_they_were_full_again() {
    let app = TestApp::start().await;
    app.sign_up(ADA).await;
    assert_eq!(app.database.count("rate_limits").await, 2, "of the network, and of all");
    app.clock.advance(TimeDelta::days(2));
    app.sweep().await;
    assert_eq!(app.database.count("rate_limits").await, 2);
    app.clock.advance(TimeDelta::minutes(1));
    app.sweep().await;
    assert_eq!(app.database.count("rate_limits").await, 0);
}
