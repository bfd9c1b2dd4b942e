//! The bodies of the protocol's objects, whole: a member that appears, goes or changes its type
//! shows up in a snapshot beside this file. `INSTA_UPDATE=always npm test -- objects` writes them
//! anew.

use axum::http::Method;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::client::{ADA, Client};
use crate::support::{Answer, Call, PASSWORD, TestApp, tokens};

/// The body, with what is drawn at random replaced: each UUID by a number, the first that occurs
/// being 1, and a secret by what it is.
fn body(answer: &Answer) -> Value {
    let mut body = answer.json();
    replace(&mut body, &mut Vec::new());
    body
}

/// Members that are secret or drawn at random.
const RANDOM: [&str; 6] =
    ["access_token", "refresh_token", "hashed_token", "email_otp", "action_link", "weak_password"];

fn replace(value: &mut Value, ids: &mut Vec<Uuid>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if RANDOM.contains(&name.as_str()) && member.is_string() {
                    *member = json!(format!("[{name}]"));
                }
                replace(member, ids);
            }
        }
        Value::Array(members) => {
            // Audit events of one moment have no order but that of their ids.
            members.sort_by_key(|member| (member["action"].to_string(), member["payload"]["action"].to_string()));
            for member in members {
                replace(member, ids);
            }
        }
        Value::String(text) => {
            if let Ok(id) = text.parse::<Uuid>() {
                let place = ids.iter().position(|known| *known == id).unwrap_or_else(|| {
                    ids.push(id);
                    ids.len() - 1
                });
                *text = format!("[id {}]", place + 1);
            }
        }
        _ => {}
    }
}

/// A call as a program of the operator's.
fn administrator<'a>(app: &'a TestApp, method: Method, path: &str) -> Call<'a> {
    app.call(method, &format!("/auth/v1{path}")).bearer(&tokens::service()).header("content-type", "application/json")
}

#[tokio::test]
async fn a_user_to_be_confirmed() {
    let app = TestApp::start().await;
    let request = json!({ "email": ADA, "password": PASSWORD, "data": { "name": "Ada", "locale": "ru" } });
    assert_json_snapshot!(body(&app.post("/signup", request).await.succeeded()));
}

#[tokio::test]
async fn a_session() {
    let app = TestApp::start().await;
    app.signed_in(ADA).await;
    assert_json_snapshot!(body(&app.sign_in(ADA, PASSWORD).await.succeeded()));
}

#[tokio::test]
async fn a_session_of_an_anonymous_account() {
    let app = TestApp::with(&[("ANONYMOUS_SIGN_INS", "true")]).await;
    assert_json_snapshot!(body(&app.post("/signup", json!({ "data": { "name": "Guest" } })).await.succeeded()));
}

#[tokio::test]
async fn the_claims_of_an_access_token() {
    let app = TestApp::start().await;
    let client = Client::new(&app, ADA).await;
    let mut claims = tokens::claims(&client.access);
    replace(&mut claims, &mut Vec::new());
    assert_json_snapshot!(claims);
}

#[tokio::test]
async fn a_user_with_a_change_of_address_under_way() {
    let app = TestApp::start().await;
    let client = Client::new(&app, ADA).await;
    assert_json_snapshot!(body(&client.update(&app, json!({ "email": "ada@example.org" })).await.succeeded()));
}

#[tokio::test]
async fn sessions_of_a_user() {
    let app = TestApp::start().await;
    let client = Client::new(&app, ADA).await;
    assert_json_snapshot!(body(&client.get(&app, "/sessions").await.succeeded()));
}

#[tokio::test]
async fn everything_stored_on_a_user() {
    let app = TestApp::start().await;
    let client = Client::new(&app, ADA).await;
    app.settle().await;
    assert_json_snapshot!(body(&client.get(&app, "/user/export").await.succeeded()));
}

#[tokio::test]
async fn a_token_that_is_good_and_one_that_is_not() {
    let app = TestApp::start().await;
    let client = Client::new(&app, ADA).await;
    assert_json_snapshot!([body(&app.introspect(&client.access).await), body(&app.introspect("none").await)]);
}

#[tokio::test]
async fn what_administrators_get() {
    let app = TestApp::start().await;
    let client = Client::new(&app, ADA).await;
    app.settle().await;
    let link = json!({ "type": "recovery", "email": ADA }).to_string();
    let made = json!({ "email": "bob@example.com", "email_confirm": true, "ban_duration": "24h" }).to_string();
    let answers = [
        administrator(&app, Method::POST, "/admin/users").body(made).await,
        administrator(&app, Method::GET, "/admin/users").await,
        administrator(&app, Method::GET, &format!("/admin/users/{}", client.user)).await,
        administrator(&app, Method::GET, &format!("/admin/users/{}/sessions", client.user)).await,
        administrator(&app, Method::GET, &format!("/admin/users/{}/factors", client.user)).await,
        administrator(&app, Method::POST, "/admin/generate_link").body(link).await,
        administrator(&app, Method::GET, "/admin/audit").await,
    ];
    assert_json_snapshot!(answers.map(|answer| body(&answer.succeeded())));
    let users = json!({ "users": [{ "email": "eve@example.com" }, {}] }).to_string();
    let imported = administrator(&app, Method::POST, "/admin/users/import").body(users).await;
    assert_json_snapshot!("what_becomes_of_imported_users", body(&imported.succeeded()));
}

#[tokio::test]
async fn what_this_instance_says_of_itself() {
    let app = TestApp::start().await;
    let answers = [app.get("/settings").await, app.get("/health").await, app.get("/.well-known/jwks.json").await];
    assert_json_snapshot!(answers.map(|answer| body(&answer.succeeded())));
}

#[tokio::test]
async fn a_refusal_in_each_version_of_the_protocol() {
    let app = TestApp::start().await;
    let weak = || app.post("/signup", json!({ "email": ADA, "password": "short" }));
    let answers = [
        weak().await,
        weak().header("x-supabase-api-version", "2024-01-01").await,
        app.post("/token?grant_type=password", json!({ "email": ADA, "password": "wrong password" })).await,
        app.get("/user").await,
    ];
    assert_json_snapshot!(answers.map(|answer| json!([answer.status.as_u16(), body(&answer)])));
}
