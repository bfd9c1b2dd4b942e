//! One id for a call: that of its answer, its audit record, and each line of its log, also of those
//! that are written after the answer.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::kv::FaultMode;
use crate::support::{Call, PASSWORD, TestApp, tokens};

const ADA: &str = "ada@example.com";

/// Makes the call and lets its work after the answer end. What was recorded under the id of the
/// answer, and the names of the events that were logged under it: there must be no others.
async fn walk(app: &TestApp, call: Call<'_>) -> (String, Vec<String>) {
    let before = app.log.lines().len();
    let answer = call.await;
    let id = answer.header("x-request-id").expect("an id");
    let events = app.log.events().split_off(before);
    for event in &events {
        assert_eq!(event["request.id"], json!(id), "{event}");
    }
    let sql = format!(
        "SELECT coalesce(string_agg(action, ' ' ORDER BY action), '') FROM edgegate.audit_events WHERE id = '{id}'"
    );
    let name = |event: &Value| event["event"].as_str().expect("a name").to_owned();
    (app.database.value(&sql).await, events.iter().map(name).collect())
}

/// What is recorded, and logged.
fn is(action: &str, events: &[&str]) -> (String, Vec<String>) {
    (action.to_owned(), events.iter().map(|event| (*event).to_owned()).collect())
}

#[tokio::test]
async fn answer_audit_record_and_log_carry_one_id() {
    let app = TestApp::start().await;
    let put = |path: &str, token: &str, body: Value| {
        let call = app.call(Method::PUT, &format!("/auth/v1{path}")).header("content-type", "application/json");
        call.bearer(token).body(body.to_string())
    };
    let grant = |kind: &str, body: Value| app.post(&format!("/token?grant_type={kind}"), body);

    let sign_up = app.post("/signup", json!({ "email": ADA, "password": PASSWORD }));
    assert_eq!(walk(&app, sign_up).await, is("signed_up", &["request", "mail_sent"]));
    assert_eq!(walk(&app, app.enter_code(ADA, "000000")).await, is("wrong_code", &["request"]));
    let code = app.mailbox.link_to(ADA).code;
    assert_eq!(walk(&app, app.enter_code(ADA, &code)).await, is("confirmed", &["request"]));

    let wrong = grant("password", json!({ "email": ADA, "password": "wrong password" }));
    assert_eq!(walk(&app, wrong).await, is("", &["request"]));
    let right = grant("password", json!({ "email": ADA, "password": PASSWORD }));
    assert_eq!(walk(&app, right).await, is("signed_in", &["request"]));

    let ada = Client::another(&app, ADA).await;
    let data = put("/user", &ada.access, json!({ "data": { "name": "Ada" } }));
    assert_eq!(walk(&app, data).await, is("updated", &["request"]));
    // Two statements of one call, and sessions that end.
    app.kv.becomes(FaultMode::Failing);
    let change = json!({ "password": "another horse battery staple", "current_password": PASSWORD });
    let after = ["request", "revocation_not_published", "mail_sent"];
    assert_eq!(walk(&app, put("/user", &ada.access, change)).await, is("password_changed", &after));
    app.kv.becomes(FaultMode::Well);

    app.refresh(&ada.refresh).await.succeeded();
    app.clock.advance(chrono::TimeDelta::minutes(1));
    let replay = grant("refresh_token", json!({ "refresh_token": ada.refresh }));
    assert_eq!(walk(&app, replay).await, is("refresh_token_replayed", &["request", "mail_sent"]));

    app.clock.advance(chrono::TimeDelta::minutes(1));
    let recover = app.post("/recover", json!({ "email": ADA }));
    assert_eq!(walk(&app, recover).await, is("recovery_mailed", &["request", "mail_sent"]));

    // Several records of one call: the first has its id.
    let several = json!({ "app_metadata": { "plan": "free" }, "ban_duration": "24h" });
    let path = format!("/admin/users/{}", ada.user);
    let (action, events) = walk(&app, put(&path, &tokens::service(), several)).await;
    assert!(!action.is_empty() && !action.contains(' '), "{action}");
    assert_eq!(events, ["request"]);
    let delete = app.call(Method::DELETE, &format!("/auth/v1{path}")).bearer(&tokens::service());
    assert_eq!(walk(&app, delete).await, is("deleted", &["request"]));
}

#[tokio::test]
async fn the_cron_trigger_has_no_id_of_a_request() {
    let app = TestApp::start().await;
    app.lose_background_work();
    app.post("/signup", json!({ "email": ADA, "password": PASSWORD })).await.succeeded();
    let before = app.log.lines().len();
    app.clock.advance(chrono::TimeDelta::minutes(5));
    app.sweep().await;
    let events = app.log.events().split_off(before);
    assert!(events.iter().any(|event| event["event"] == "mail_sent"), "{events:?}");
    for event in events {
        assert_eq!(event.get("request.id"), None, "{event}");
    }
}
