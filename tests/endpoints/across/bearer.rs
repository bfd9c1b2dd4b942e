//! What holds for every call that takes an access token: a session that has ended, or timed out, is
//! good for none of them, and nothing is changed. The calls are those of the route table, so that a
//! new one cannot be forgotten.

use axum::http::Method;
use chrono::TimeDelta;
use edgegate::endpoints::{Route, routes};
use edgegate::http::argument::Asker;
use edgegate::http::error::Code;
use serde_json::{Value, json};

use crate::support::client::{ADA, BOB, Client, session_is_over};
use crate::support::{Call, PASSWORD, TestApp};

/// Bodies with which each of the calls would do something.
fn bodies(method: &str, path: &str) -> Vec<Option<Value>> {
    match (method, path) {
        ("get", "/user" | "/user/export" | "/reauthenticate" | "/sessions") | ("delete", "/sessions/{id}") => {
            vec![None]
        }
        ("post", "/logout") => vec![None, Some(json!({}))],
        ("put", "/user") => vec![
            Some(json!({ "data": { "colour": "red" } })),
            Some(json!({ "email": "ada@new.example" })),
            Some(json!({ "password": "another horse battery staple", "current_password": PASSWORD })),
        ],
        // Without a proof of who asks, a sign-in that is no longer fresh is refused before anybody
        // looks at the session.
        ("delete", "/user") => vec![Some(json!({ "current_password": PASSWORD }))],
        _ => panic!("{method} {path} takes an access token: say here with which bodies"),
    }
}

/// Whether a call asks if the session of its access token lives. Enrolling a factor refuses
/// everybody alike, and looks at no session.
fn looks_at_its_session(route: &Route) -> bool {
    route.asker == Asker::User && route.is_offered() && route.path != "/factors"
}

/// Every call that takes an access token, as this client, about a session of theirs.
fn calls<'a>(app: &'a TestApp, client: &Client, about: &Client) -> Vec<(String, Call<'a>)> {
    let mut calls = Vec::new();
    for route in routes().filter(|route| looks_at_its_session(route)) {
        let method: Method = route.method.to_uppercase().parse().expect("a method");
        for body in bodies(route.method, route.path) {
            let path = format!("/auth/v1{}", route.path.replace("{id}", &about.session.to_string()));
            let mut call = app.call(method.clone(), &path).bearer(&client.access);
            let name = format!("{method} {path} {body:?}");
            if let Some(body) = body {
                call = call.header("content-type", "application/json").body(body.to_string());
            }
            calls.push((name, call));
        }
    }
    assert!(calls.len() >= 10, "{}", calls.len());
    calls
}

async fn is_good_for_nothing(app: &TestApp, client: &Client, about: &Client) {
    let before = app.database.contents().await;
    let mails = app.mailbox.attempts();
    for (name, call) in calls(app, client, about) {
        assert_eq!(call.await.refusal(), session_is_over(), "{name}");
    }
    assert_eq!(app.database.contents().await, before);
    assert_eq!(app.mailbox.attempts(), mails);
}

#[tokio::test]
async fn a_route_that_takes_an_access_token_says_that_its_session_may_have_ended() {
    for route in routes() {
        let says = route.failures.contains(&Code::SessionNotFound.failure());
        assert_eq!(says, looks_at_its_session(route), "{}", route.path);
    }
}

#[tokio::test]
async fn a_session_that_was_revoked_is_good_for_no_call() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let other = Client::another(&app, ADA).await;
    ada.sign_out(&app, "?scope=local").await.succeeded();
    is_good_for_nothing(&app, &ada, &ada).await;
    is_good_for_nothing(&app, &ada, &other).await;
    other.goes_on(&app).await;
}

#[tokio::test]
async fn a_session_that_was_not_used_for_too_long_is_good_for_no_call() {
    let app = TestApp::with(&[("SESSION_INACTIVITY_DAYS", "1")]).await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::hours(23));
    let other = Client::another(&app, ADA).await;
    app.clock.advance(TimeDelta::hours(1));
    is_good_for_nothing(&app, &ada.with_fresh_token(&app), &other).await;
    other.with_fresh_token(&app).goes_on(&app).await;
}

#[tokio::test]
async fn a_session_past_its_longest_life_is_good_for_no_call() {
    let app = TestApp::with(&[("SESSION_MAX_DAYS", "1")]).await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::hours(12));
    let ada = ada.refreshed(&app).await;
    let other = Client::another(&app, ADA).await;
    app.clock.advance(TimeDelta::hours(12));
    is_good_for_nothing(&app, &ada.with_fresh_token(&app), &other).await;
    other.with_fresh_token(&app).goes_on(&app).await;
}

/// The same calls by a session that lives are not refused for that: the tables above test what they
/// say.
#[tokio::test]
async fn a_session_that_lives_is_good_for_each_of_them() {
    for at in 0.. {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        Client::new(&app, BOB).await;
        let other = Client::another(&app, ADA).await;
        let Some((name, call)) = calls(&app, &ada, &other).into_iter().nth(at) else { break };
        let answer = call.await;
        assert!(answer.status.is_success(), "{name}: {answer:?}");
    }
}
