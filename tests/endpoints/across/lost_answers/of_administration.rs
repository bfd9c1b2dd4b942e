//! Lost answers to what administrators do.

use axum::http::Method;
use serde_json::{Value, json};

use crate::endpoints::across::lost_answers::{from_here, is_the_same};
use crate::support::{Call, PASSWORD, TestApp, tokens};

const ADA: &str = "ada@example.com";

/// A call under `/admin/users` with a service token.
fn send<'a>(app: &'a TestApp, method: &Method, path: &str, body: &Value) -> Call<'a> {
    let call = app.call(method.clone(), &format!("/auth/v1/admin/users{path}")).bearer(&tokens::service());
    call.header("content-type", "application/json").body(body.to_string())
}

/// The path of somebody signed in twice.
async fn somebody(app: &TestApp) -> String {
    let session = app.signed_in(ADA).await;
    app.sign_in(ADA, PASSWORD).await.succeeded();
    format!("/{}", session["user"]["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn looking_and_making() {
    is_the_same("list", 1, &[], async |app: &TestApp| {
        somebody(app).await;
        from_here(app);
        send(app, &Method::GET, "", &json!({})).await
    })
    .await;
    is_the_same("create", 1, &[], async |app: &TestApp| {
        from_here(app);
        send(app, &Method::POST, "", &json!({ "email": ADA, "password": PASSWORD })).await
    })
    .await;
    is_the_same("by key", 2, &[], async |app: &TestApp| {
        let key = app.whole_api_key().await;
        from_here(app);
        let call = app.post("/admin/users", json!({ "email": ADA })).bearer(&key);
        call.await
    })
    .await;
}

#[tokio::test]
async fn changing() {
    // Ask for the address, change, tell KV, record the mail.
    is_the_same("password", 4, &[], async |app: &TestApp| {
        let path = somebody(app).await;
        from_here(app);
        let answer = send(app, &Method::PUT, &path, &json!({ "password": "another horse battery staple" })).await;
        app.sweep().await;
        answer
    })
    .await;
    let body =
        json!({ "email": "ada@example.org", "role": "editor", "ban_duration": "1h", "user_metadata": { "a": 1 } });
    is_the_same("everything", 2, &[], async |app: &TestApp| {
        let path = somebody(app).await;
        from_here(app);
        let answer = send(app, &Method::PUT, &path, &body).await;
        app.sweep().await;
        answer
    })
    .await;
}

#[tokio::test]
async fn ending() {
    for (name, method, rest, body) in [
        ("soft deletion", Method::DELETE, "", json!({ "should_soft_delete": true })),
        ("sessions", Method::DELETE, "/sessions", json!({})),
    ] {
        is_the_same(name, 2, &[], async |app: &TestApp| {
            let path = format!("{}{rest}", somebody(app).await);
            from_here(app);
            let answer = send(app, &method, &path, &body).await;
            app.sweep().await; // whoever was not told of the sessions is told now
            answer
        })
        .await;
    }
    is_the_same("one session", 2, &[], async |app: &TestApp| {
        let path = somebody(app).await;
        let session: String = app.database.value("SELECT id::text FROM edgegate.sessions LIMIT 1").await;
        from_here(app);
        let answer = send(app, &Method::DELETE, &format!("{path}/sessions/{session}"), &json!({})).await;
        app.sweep().await;
        answer
    })
    .await;
}
