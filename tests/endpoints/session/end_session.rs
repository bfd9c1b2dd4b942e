//! `DELETE /sessions/{id}`: ends one session of the caller's user.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::json;

use crate::support::client::{ADA, BOB, Client, audited, no_error_was_logged, nothing_is_pending, session_is_over};
use crate::support::{TestApp, tokens};

const NOBODYS: &str = "0e8e2cb2-6a54-4d9c-8f4e-4c5b1d1f9a10";

fn no_such_session() -> (u16, String) {
    (404, "session_not_found".to_owned())
}

#[tokio::test]
async fn another_session_of_mine_ends_and_mine_goes_on() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (stolen, third) = (Client::another(&app, ADA).await, Client::another(&app, ADA).await);
    let bob = Client::new(&app, BOB).await;
    let answer = ada.end(&app, &stolen.session.to_string()).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (204, ""));
    nothing_is_pending(&app).await;
    stolen.has_ended(&app).await;
    for other in [ada, third, bob] {
        other.goes_on(&app).await;
    }
    no_error_was_logged(&app);
}

#[tokio::test]
async fn my_own_session_may_end_too() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let other = Client::another(&app, ADA).await;
    assert_eq!(ada.end(&app, &ada.session.to_string()).await.status, 204);
    ada.has_ended(&app).await;
    other.goes_on(&app).await;
}

/// Nobody learns whether a session of somebody else exists.
#[tokio::test]
async fn somebody_elses_session_is_not_there_and_lives_on() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let bob = Client::new(&app, BOB).await;
    let of_bob = ada.end(&app, &bob.session.to_string()).await;
    let unknown = ada.end(&app, NOBODYS).await;
    assert_eq!(of_bob.refusal(), no_such_session());
    assert_eq!((of_bob.refusal(), of_bob.text()), (unknown.refusal(), unknown.text()));
    bob.sign_out(&app, "?scope=local").await.succeeded();
    let ended = ada.end(&app, &bob.session.to_string()).await;
    assert_eq!((ended.refusal(), ended.text()), (unknown.refusal(), unknown.text()));
    let bob = Client::another(&app, BOB).await;
    ada.end(&app, &bob.session.to_string()).await;
    bob.goes_on(&app).await;
    nothing_is_pending(&app).await;
}

#[tokio::test]
async fn what_is_no_uuid_is_no_id() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = (app.database.contents().await, app.database.traffic());
    let cut = &ada.session.to_string()[..35];
    for id in ["x", "current", "%20", "%ff", "%00", "1", cut, &format!("{}%20", ada.session), "..%2f..%2fuser", "'--"] {
        assert_eq!(ada.end(&app, id).await.refusal(), (404, "validation_failed".to_owned()), "{id}");
    }
    assert_eq!((app.database.contents().await, app.database.traffic()), before);
    ada.goes_on(&app).await;
}

#[tokio::test]
async fn ending_it_twice_is_fine() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let other = Client::another(&app, ADA).await;
    for _ in 0..3 {
        assert_eq!(ada.end(&app, &other.session.to_string()).await.status, 204);
        app.clock.advance(TimeDelta::seconds(1));
    }
    other.has_ended(&app).await;
    ada.goes_on(&app).await;
    nothing_is_pending(&app).await;
    no_error_was_logged(&app);
}

#[tokio::test]
async fn a_session_that_timed_out_may_be_ended_and_ends_nothing() {
    let app = TestApp::start().await;
    let idle = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::days(7));
    let ada = Client::another(&app, ADA).await;
    let refused = idle.with_fresh_token(&app).end(&app, &ada.session.to_string()).await;
    assert_eq!(refused.refusal(), session_is_over());
    assert_eq!(ada.end(&app, &idle.session.to_string()).await.status, 204);
    ada.goes_on(&app).await;
    app.sweep().await;
    nothing_is_pending(&app).await;
}

#[tokio::test]
async fn whoever_may_not_ask_is_refused() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let path = format!("/auth/v1/sessions/{}", ada.session);
    let anonymous = app.call(Method::DELETE, &path).await;
    assert_eq!(anonymous.refusal(), (401, "no_authorization".to_owned()));
    for token in [tokens::service(), ada.refresh.clone()] {
        let answer = app.call(Method::DELETE, &path).bearer(&token).await;
        assert_eq!(answer.refusal(), (401, "bad_jwt".to_owned()));
    }
    let get = ada.get(&app, &format!("/sessions/{}", ada.session)).await;
    assert_eq!(get.refusal(), (405, "method_not_allowed".to_owned()));
    ada.goes_on(&app).await;
}

#[tokio::test]
async fn an_audit_record_says_so() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let other = Client::another(&app, ADA).await;
    let call = ada.end(&app, &other.session.to_string()).caller_ip("2001:db8::9").header("user-agent", "Browser/2.0");
    call.await.succeeded();
    assert_eq!(audited(&app, "sessions_ended").await, json!([[ada.user, "2001:db8::9", "Browser/2.0"]]));
    ada.end(&app, &ada.session.to_string()).await.succeeded();
    assert_eq!(audited(&app, "signed_out").await, json!([[ada.user, "192.0.2.7", null]]));
}

/// A record of what did not happen misleads whoever reads it, and anybody signed in could write as
/// many as they like.
#[tokio::test]
async fn where_nothing_ended_nothing_is_recorded() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let bob = Client::new(&app, BOB).await;
    let before = app.database.count("audit_events").await;
    for id in [NOBODYS, &bob.session.to_string()] {
        assert_eq!(ada.end(&app, id).await.refusal(), no_such_session());
    }
    assert_eq!(audited(&app, "sessions_ended").await, json!([]));
    assert_eq!(app.database.count("audit_events").await, before);
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_changes_nothing_about_it() {
    for own in [true, false] {
        for statement in 0..2 {
            let app = TestApp::start().await;
            let (ada, other) = (Client::new(&app, ADA).await, Client::another(&app, ADA).await);
            let (ending, staying) = if own { (&ada, &other) } else { (&other, &ada) };
            app.database.lose_answer(statement);
            let answer = ada.end(&app, &ending.session.to_string()).await;
            assert_eq!(answer.status, 204, "own: {own}, statement {statement}");
            assert!(!app.database.is_losing());
            ending.has_ended(&app).await;
            staying.goes_on(&app).await;
            nothing_is_pending(&app).await;
            let action = if own { "signed_out" } else { "sessions_ended" };
            assert_eq!(audited(&app, action).await.as_array().map(Vec::len), Some(1));
        }
    }
}
