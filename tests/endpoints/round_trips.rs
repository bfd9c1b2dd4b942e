//! How often each call connects, and how many statements it sends: DESIGN.md's budget of round trips.

use serde_json::json;

use crate::support::{Call, PASSWORD, TestApp};

/// Connections and statements of one call, up to its answer.
async fn cost(app: &TestApp, call: Call<'_>, status: u16) -> (u32, u32) {
    let before = app.database.traffic();
    let answer = call.send_only().await;
    assert_eq!(answer.status, status, "{answer:?}");
    let after = app.database.traffic();
    app.settle().await;
    (after.0 - before.0, after.1 - before.1)
}

#[tokio::test]
async fn each_call_keeps_to_its_budget() {
    let app = TestApp::start().await;
    let sign_up = |email: &str| app.post("/signup", json!({ "email": email, "password": PASSWORD }));
    assert_eq!(cost(&app, sign_up("ada@example.com"), 200).await, (1, 1));
    let link = app.mailbox.link_to("ada@example.com");
    assert_eq!(cost(&app, app.enter_code("ada@example.com", &link.code), 200).await, (1, 1));

    let bob = app.sign_up("bob@example.com").await;
    let page = app.get(&format!("/verify?token={}", bob.token));
    assert_eq!(cost(&app, page, 200).await, (1, 1));
    assert_eq!(cost(&app, app.press_button(&bob, bob.cookie.as_deref()), 303).await, (1, 1));

    let eve = app.sign_up("eve@example.com").await;
    let typed = app.submit("/verify/confirm", &[("token", &eve.token), ("password", PASSWORD)]);
    assert_eq!(cost(&app, typed, 303).await, (1, 2));

    let sam = app.sign_up("sam@example.com").await;
    let by_hash = app.post("/verify", json!({ "type": "signup", "token_hash": sam.token }));
    assert_eq!(cost(&app, by_hash, 200).await, (1, 1));

    let credentials = json!({ "email": "ada@example.com", "password": PASSWORD });
    let token = app.sign_in("ada@example.com", PASSWORD).await.access_token();
    assert_eq!(cost(&app, app.post("/token?grant_type=password", credentials), 200).await, (1, 2));
    assert_eq!(cost(&app, app.get("/user").bearer(&token), 200).await, (1, 1));
    let resend = app.post("/resend", json!({ "type": "signup", "email": "ada@example.com" }));
    app.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(cost(&app, resend, 200).await, (1, 1));
    assert_eq!(cost(&app, app.get("/health/ready"), 200).await, (1, 2));
}

#[tokio::test]
async fn sending_the_mail_takes_one_more_statement_on_the_same_connection() {
    let app = TestApp::start().await;
    let before = app.database.traffic();
    app.sign_up("ada@example.com").await;
    let after = app.database.traffic();
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 2));
}

/// What is refused early costs no connection.
#[tokio::test]
async fn what_needs_no_database_opens_none() {
    let app = TestApp::start().await;
    let calls = [
        (app.get("/health"), 200),
        (app.get("/settings"), 200),
        (app.get("/openapi.json"), 200),
        (app.get("/user"), 401),
        (app.get("/user").bearer("x"), 401),
        (app.get("/verify?token=x"), 410),
        (app.post("/signup", json!({ "email": "a@b", "password": PASSWORD })), 400),
        (app.post("/signup", json!({ "email": "a@b.example", "password": "short" })), 422),
        (app.post("/verify", json!({ "type": "signup", "token_hash": "x" })), 403),
        (app.post("/verify", json!({ "type": "signup", "token": "12345", "email": "a@b.example" })), 403),
        (app.post("/token?grant_type=password", json!({ "email": "a@b", "password": PASSWORD })), 400),
        (app.post("/resend", json!({ "type": "signup", "email": "a@b" })), 400),
    ];
    for (call, status) in calls {
        assert_eq!(cost(&app, call, status).await, (0, 0));
    }
}
