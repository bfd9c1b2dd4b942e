//! `GET` and `DELETE /admin/users/{id}/sessions`, and of one of them.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{actions, call};
use crate::support::client::{ADA, BOB, Client, no_error_was_logged, nothing_is_pending};
use crate::support::{Answer, TestApp};

async fn listed(app: &TestApp, client: &Client) -> Vec<Value> {
    let answer = call(app, &Method::GET, &format!("/{}/sessions", client.user)).await.succeeded();
    answer.json().as_array().expect("a list").clone()
}

async fn end(app: &TestApp, user: &str, rest: &str) -> Answer {
    call(app, &Method::DELETE, &format!("/{user}/sessions{rest}")).await
}

#[tokio::test]
async fn sessions_are_listed_as_their_user_sees_them_but_for_which_is_the_current_one() {
    let app = TestApp::start().await;
    let first = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::seconds(1));
    Client::another(&app, ADA).await;
    Client::new(&app, BOB).await;
    let mut own = first.get(&app, "/sessions").await.json().as_array().expect("a list").clone();
    for session in &mut own {
        session.as_object_mut().expect("an object").remove("current");
    }
    assert_eq!(listed(&app, &first).await, own);
    assert_eq!(own.len(), 2);
    app.clock.advance(TimeDelta::days(7));
    assert_eq!(listed(&app, &first).await, Vec::<Value>::new(), "they are over");
}

#[tokio::test]
async fn all_sessions_end_and_nobody_elses() {
    let app = TestApp::start().await;
    let adas = [Client::new(&app, ADA).await, Client::another(&app, ADA).await];
    let bob = Client::new(&app, BOB).await;
    let answer = end(&app, &adas[0].user.to_string(), "").await;
    assert_eq!((answer.status.as_u16(), answer.text()), (204, String::new()));
    nothing_is_pending(&app).await;
    for ada in &adas {
        ada.has_ended(&app).await;
    }
    bob.goes_on(&app).await;
    assert_eq!(listed(&app, &adas[0]).await, Vec::<Value>::new());
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(end(&app, &adas[0].user.to_string(), "").await.status, 204, "there was nothing to end");
    assert_eq!(actions(&app).await, ["sessions_ended"]);
    Client::another(&app, ADA).await.goes_on(&app).await;
}

#[tokio::test]
async fn one_session_ends_and_the_others_go_on() {
    let app = TestApp::start().await;
    let adas = [Client::new(&app, ADA).await, Client::another(&app, ADA).await];
    let path = format!("/{}", adas[1].session);
    for _ in 0..2 {
        assert_eq!(end(&app, &adas[0].user.to_string(), &path).await.status, 204);
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
        (end(&app, &user, &format!("/{}", bob.session)).await, "session_not_found"),
        (end(&app, &user, &format!("/{}", ada.user)).await, "session_not_found"),
        (end(&app, &user, "/x").await, "validation_failed"),
        (end(&app, "x", &format!("/{}", ada.session)).await, "validation_failed"),
        (end(&app, "x", "").await, "validation_failed"),
        (end(&app, &ada.session.to_string(), &format!("/{}", ada.session)).await, "user_not_found"),
        (end(&app, &ada.session.to_string(), "").await, "user_not_found"),
        (call(&app, &Method::GET, &format!("/{}/sessions", ada.session)).await, "user_not_found"),
        (call(&app, &Method::GET, "/%00/sessions").await, "validation_failed"),
    ];
    for (answer, code) in cases {
        assert_eq!(answer.refusal(), (404, code.to_owned()), "{answer:?}");
    }
    assert_eq!(app.database.contents().await, before);
    ada.goes_on(&app).await;
    bob.goes_on(&app).await;
    assert_eq!(json!(listed(&app, &ada).await.len()), json!(1));
}
