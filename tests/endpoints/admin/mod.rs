//! The admin API, call by call, and who may make one.

pub mod any_input;
pub mod api_keys;
pub mod ban;
pub mod create_user;
pub mod delete_user;
pub mod deny_by_default;
pub mod end_session;
pub mod end_sessions;
pub mod generate_link;
pub mod import_users;
pub mod invite;
pub mod list_audit_events;
pub mod list_factors;
pub mod list_sessions;
pub mod list_users;
pub mod races;
pub mod soft_deletion;
pub mod update_user;

use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Call, PASSWORD, TestApp, tokens};

/// A call under `/admin/users` as a program of the operator's.
fn call<'a>(app: &'a TestApp, method: &Method, path: &str) -> Call<'a> {
    app.call(method.clone(), &format!("/auth/v1/admin/users{path}")).bearer(&tokens::service())
}

/// A call under `/admin/users` with a body.
fn send<'a>(app: &'a TestApp, method: &Method, path: &str, body: &Value) -> Call<'a> {
    call(app, method, path).header("content-type", "application/json").body(body.to_string())
}

/// `POST /admin/users`.
#[expect(clippy::needless_pass_by_value, reason = "calls read better without a borrow")]
fn create(app: &TestApp, body: Value) -> Call<'_> {
    send(app, &Method::POST, "", &body)
}

/// `PUT /admin/users/{id}`.
#[expect(clippy::needless_pass_by_value, reason = "calls read better without a borrow")]
fn change(app: &TestApp, user: Uuid, body: Value) -> Call<'_> {
    send(app, &Method::PUT, &format!("/{user}"), &body)
}

/// `GET /admin/users/{id}`.
async fn shown(app: &TestApp, user: Uuid) -> Value {
    call(app, &Method::GET, &format!("/{user}")).await.succeeded().json()
}

/// `GET /admin/users/{id}/sessions`.
async fn listed_sessions(app: &TestApp, user: Uuid) -> Vec<Value> {
    let answer = call(app, &Method::GET, &format!("/{user}/sessions")).await.succeeded();
    answer.json().as_array().expect("a list").clone()
}

/// `DELETE /admin/users/{id}/sessions`, or of one of them.
async fn end_sessions_of(app: &TestApp, user: &str, rest: &str) -> Answer {
    call(app, &Method::DELETE, &format!("/{user}/sessions{rest}")).await
}

/// `POST /invite`.
async fn invite(app: &TestApp, body: Value) -> Answer {
    app.post("/invite?redirect_to=https://app.example.com/hello", body).bearer(&tokens::service()).await
}

/// `POST /admin/generate_link`.
async fn generate_link(app: &TestApp, body: Value) -> Answer {
    app.post("/admin/generate_link", body).bearer(&tokens::service()).await
}

/// `POST /verify` with the hash of a link that was made.
async fn follow(app: &TestApp, made: &Value) -> Answer {
    let body = json!({ "type": made["verification_type"], "token_hash": made["hashed_token"] });
    app.post("/verify", body).await
}

/// A confirmed account that an administrator made; its id.
async fn created(app: &TestApp, email: &str) -> Uuid {
    let body = json!({ "email": email, "password": PASSWORD, "email_confirm": true });
    id_of(&create(app, body).await.succeeded())
}

/// The id of the account in an answer.
fn id_of(answer: &Answer) -> Uuid {
    answer.json()["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no account: {answer:?}"))
}

/// What administrators did, in the order of the alphabet: action, actor, from where.
async fn administered(app: &TestApp) -> Value {
    let sql = "SELECT coalesce(jsonb_agg(jsonb_build_array(action, actor, host(ip)) ORDER BY action, id), '[]')
        FROM edgegate.audit_events WHERE actor IS NOT NULL";
    app.database.value(sql).await
}

/// What the service token did, all of it from the usual address; in the order of the alphabet.
async fn actions(app: &TestApp) -> Vec<String> {
    let all = administered(app).await;
    let events = all.as_array().expect("a list");
    events
        .iter()
        .map(|event| {
            assert_eq!((&event[1], &event[2]), (&json!("service_token"), &json!("192.0.2.7")), "{event}");
            event[0].as_str().expect("an action").to_owned()
        })
        .collect()
}
