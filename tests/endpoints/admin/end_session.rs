//! `DELETE /admin/users/{id}/sessions/{session_id}`, and what is a session of nobody in any of the
//! calls on sessions.

use axum::http::Method;
use chrono::TimeDelta;

use super::{actions, call, end_sessions_of, listed_sessions};
use crate::support::TestApp;
use crate::support::client::{ADA, BOB, Client, no_error_was_logged};

#[tokio::test]
async fn one_session_ends_and_the_others_go_on() {
    let app = TestApp::start().await;
    let adas = [Client::new(&app, ADA).await, Client::another(&app, ADA).await];
    let path = format!("/{}", adas[1].session);
    for _ in 0..2 {
        assert_eq!(end_sessions_of(&app, &adas[0].user.to_string(), &path).await.status, 204);
        app.clock.advance(TimeDelta::seconds(1));
    }
    adas[1].has_ended(&app).await;
    adas[0].goes_on(&app).await;
    assert_eq!(actions(&app).await, ["sessions_ended"]);
    no_error_was_logged(&app);
}

#[tokio::test]
async fn a_session_of_somebody_else_is_none() {
    let app = TestApp::start().await;
    let (ada, bob) = (Client::new(&app, ADA).await, Client::new(&app, BOB).await);
    let before = app.database.contents().await;
    let user = ada.user.to_string();
    let cases = [
        (end_sessions_of(&app, &user, &format!("/{}", bob.session)).await, "session_not_found"),
        (end_sessions_of(&app, &user, &format!("/{}", ada.user)).await, "session_not_found"),
        (end_sessions_of(&app, &user, "/x").await, "validation_failed"),
        (end_sessions_of(&app, "x", &format!("/{}", ada.session)).await, "validation_failed"),
        (end_sessions_of(&app, "x", "").await, "validation_failed"),
        (end_sessions_of(&app, &ada.session.to_string(), &format!("/{}", ada.session)).await, "user_not_found"),
        (end_sessions_of(&app, &ada.session.to_string(), "").await, "user_not_found"),
        (call(&app, &Method::GET, &format!("/{}/sessions", ada.session)).await, "user_not_found"),
        (call(&app, &Method::GET, "/%00/sessions").await, "validation_failed"),
    ];
    for (answer, code) in cases {
        assert_eq!(answer.refusal(), (404, code.to_owned()), "{answer:?}");
    }
    assert_eq!(app.database.contents().await, before);
    ada.goes_on(&app).await;
    bob.goes_on(&app).await;
    assert_eq!(listed_sessions(&app, ada.user).await.len(), 1);
}
