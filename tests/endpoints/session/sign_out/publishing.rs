//! `POST /logout` while Workers KV fails, is silent, or the Worker is killed: whoever asks
//! PostgreSQL refuses the session at once, and KV hears of it in the end.

use chrono::TimeDelta;
use edgegate::host::{Clock, Level};
use serde_json::json;

use crate::endpoints::session::sign_out::four_sessions;
use crate::support::client::{ADA, Client, no_error_was_logged, nothing_is_pending};
use crate::support::kv::FaultMode;
use crate::support::{TestApp, tokens};

/// Once per call or run that could not tell KV of all.
fn failures_logged(app: &TestApp) -> usize {
    let is_failure = |line: &(Level, String)| line.0 == Level::Error && line.1.contains("\"revocation_not_published\"");
    app.log.lines().iter().filter(|line| is_failure(line)).count()
}

#[tokio::test]
async fn while_kv_fails_the_session_ends_and_the_cron_trigger_tells_kv_later() {
    let app = TestApp::start().await;
    let (adas, bob) = four_sessions(&app).await;
    app.kv.becomes(FaultMode::Failing);
    assert_eq!(adas[0].sign_out(&app, "").await.status, 204);
    assert_eq!(failures_logged(&app), 1);
    assert_eq!(app.log.newest("revocation_not_published")["revocation.count"], 3);
    let failure = app.log.newest("revocation_not_published");
    assert_eq!(failure["error.cause"], "the revocation list failed: 503 from KV");
    for ada in &adas {
        ada.is_refused(&app).await;
        assert!(!app.kv.holds(ada.session));
        assert_eq!(app.introspect(&ada.access).await.refusal(), (503, "temporarily_unavailable".to_owned()));
    }
    app.sweep().await;
    assert_eq!((failures_logged(&app), app.database.count("revocations").await), (2, 3), "tried again in vain");
    app.kv.becomes(FaultMode::Well);
    app.sweep().await;
    assert_eq!(app.log.newest("cron_run")["revocation.count"], 3);
    nothing_is_pending(&app).await;
    for ada in &adas {
        ada.has_ended(&app).await;
    }
    bob.goes_on(&app).await;
}

#[tokio::test]
async fn a_silent_kv_holds_nobody_up() {
    let app = TestApp::start().await;
    let (adas, _) = four_sessions(&app).await;
    app.kv.becomes(FaultMode::Hanging);
    assert_eq!(adas[0].sign_out(&app, "?scope=others").send_only().await.status, 204);
    assert_eq!(adas[0].get(&app, "/user").send_only().await.status, 200);
    assert_eq!(adas[1].get(&app, "/user").send_only().await.status, 401);
    app.clock.let_limits_run_out();
    app.settle().await;
    assert_eq!(failures_logged(&app), 1);
    assert_eq!(app.log.newest("revocation_not_published")["revocation.count"], 2);
    assert_eq!(app.log.newest("revocation_not_published")["error.cause"], "the revocation list took too long");
    assert_eq!(app.database.count("revocations").await, 2);
    app.kv.becomes(FaultMode::Well);
    app.sweep().await;
    nothing_is_pending(&app).await;
    assert!(app.kv.holds(adas[1].session) && app.kv.holds(adas[2].session) && !app.kv.holds(adas[0].session));
}

#[tokio::test]
async fn if_the_worker_is_killed_after_the_response_the_cron_trigger_tells_kv() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.lose_background_work();
    assert_eq!(ada.sign_out(&app, "").await.status, 204);
    assert!(!app.kv.holds(ada.session));
    assert_eq!(app.database.count("revocations").await, 1);
    app.sweep().await;
    nothing_is_pending(&app).await;
    ada.has_ended(&app).await;
}

#[tokio::test]
async fn an_access_token_that_kv_forgets_is_dead_by_then() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    ada.sign_out(&app, "").await.succeeded();
    while tokens::claims(&ada.access)["exp"].as_i64() > Some(app.clock.now().timestamp()) {
        assert!(app.kv.holds(ada.session));
        assert_eq!(app.elsewhere().introspect(&ada.access).await.json(), json!({ "active": false }));
        app.clock.advance(TimeDelta::seconds(5));
    }
    assert_eq!(app.elsewhere().introspect(&ada.access).await.json(), json!({ "active": false }));
    let answer = ada.get(&app, "/user").await;
    assert_eq!(answer.refusal(), (401, "bad_jwt".to_owned()), "expired");
}

/// Nobody needs to hear of a session whose access tokens have all expired.
#[tokio::test]
async fn what_kv_could_not_be_told_for_too_long_is_forgotten() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.kv.becomes(FaultMode::Failing);
    ada.sign_out(&app, "").await.succeeded();
    app.kv.becomes(FaultMode::Well);
    app.clock.advance(TimeDelta::days(2));
    let before = app.kv.traffic();
    app.sweep().await;
    nothing_is_pending(&app).await;
    assert_eq!(app.kv.traffic(), before);
    assert_eq!(app.refresh(&ada.refresh).await.refusal(), (400, "session_not_found".to_owned()));
}

#[tokio::test]
async fn a_refused_call_tells_kv_nothing() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.kv.traffic();
    ada.sign_out(&app, "?scope=nonsense").await;
    app.call(axum::http::Method::POST, "/auth/v1/logout").await;
    assert_eq!(app.kv.traffic(), before);
    no_error_was_logged(&app);
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_changes_nothing_about_it() {
    for query in ["", "?scope=local", "?scope=others"] {
        // The second statement records that KV was told.
        for statement in 0..2 {
            let app = TestApp::start().await;
            let (adas, bob) = four_sessions(&app).await;
            app.database.lose_answer(statement);
            assert_eq!(adas[0].sign_out(&app, query).await.status, 204, "{query}, statement {statement}");
            assert!(!app.database.is_losing(), "{query}: statement {statement} was never sent");
            for (n, ada) in adas.iter().enumerate() {
                let ended = query.is_empty() || (n == 0) == query.ends_with("local");
                if ended { ada.has_ended(&app).await } else { ada.goes_on(&app).await }
            }
            bob.goes_on(&app).await;
            nothing_is_pending(&app).await;
            let records = app.database.value::<i64>(
                "SELECT count(*) FROM edgegate.audit_events WHERE action IN ('signed_out', 'sessions_ended')",
            );
            assert_eq!(records.await, 1);
        }
    }
}
