//! The shapes of refusals, and what they must not say.

use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn older_clients_get_code_error_code_and_msg() {
    let app = TestApp::start().await;
    for version in [None, Some("2023-12-31"), Some(""), Some("junk"), Some("2024-13-01"), Some("20240101"), Some("1")] {
        let call = app.get("/user");
        let answer = match version {
            Some(version) => call.header("x-supabase-api-version", version).await,
            None => call.await,
        };
        let message = "This endpoint requires a valid Bearer token";
        assert_eq!(
            answer.json(),
            json!({ "code": 401, "error_code": "no_authorization", "msg": message }),
            "{version:?}"
        );
        assert_eq!(answer.header("x-supabase-api-version"), None, "{version:?}");
        assert_eq!(answer.header("x-sb-error-code").as_deref(), Some("no_authorization"));
    }
}

#[tokio::test]
async fn newer_clients_get_code_and_message_and_the_version_back() {
    let app = TestApp::start().await;
    for version in ["2024-01-01", "2024-06-30", "2099-12-31"] {
        let answer = app.get("/user").header("x-supabase-api-version", version).await;
        let message = "This endpoint requires a valid Bearer token";
        assert_eq!(answer.json(), json!({ "code": "no_authorization", "message": message }), "{version}");
        assert_eq!(answer.header("x-supabase-api-version").as_deref(), Some("2024-01-01"), "{version}");
        assert_eq!(answer.header("x-sb-error-code").as_deref(), Some("no_authorization"));
    }
}

#[tokio::test]
async fn answers_that_are_no_refusals_say_the_version_too() {
    let app = TestApp::start().await;
    let answer = app.get("/settings").header("x-supabase-api-version", "2024-01-01").await;
    assert_eq!(answer.header("x-supabase-api-version").as_deref(), Some("2024-01-01"));
    assert_eq!(app.get("/settings").await.header("x-supabase-api-version"), None);
}

#[tokio::test]
async fn a_database_that_is_away_is_answered_bare_and_logged_with_its_cause() {
    let app = TestApp::start().await;
    app.database.go_down();
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    let answer = app.post("/token?grant_type=password", body.clone()).await;
    let id = answer.header("x-request-id").expect("an id");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
    let message = "This cannot be answered at the moment, please try again in a moment";
    assert_eq!(
        answer.json(),
        json!({ "code": 503, "error_code": "temporarily_unavailable", "msg": message, "error_id": id })
    );
    let event = app.log.newest("request");
    assert_eq!(event["error.cause"], "cannot connect to the database: connection refused");
    assert_eq!((&event["level"], &event["request.id"]), (&json!("error"), &json!(id)));

    let newer = app.post("/token?grant_type=password", body).header("x-supabase-api-version", "2024-01-01").await;
    assert_eq!(newer.json(), json!({ "code": "temporarily_unavailable", "message": message }));
}

#[tokio::test]
async fn a_statement_that_fails_is_answered_bare_too() {
    let app = TestApp::start().await;
    app.database.change("ALTER TABLE edgegate.users RENAME COLUMN locale TO locales").await;
    let answer = app.post("/signup", json!({ "email": "ada@example.com", "password": PASSWORD })).await;
    assert_eq!(answer.refusal(), (500, "unexpected_failure".to_owned()));
    for trace in ["locale", "column", "42703", "edgegate", "INSERT"] {
        assert!(!answer.text().contains(trace), "{trace} in {}", answer.text());
    }
    let cause = app.log.newest("request")["error.cause"].clone();
    assert!(cause.as_str().is_some_and(|cause| cause.contains("42703")), "{cause}");
    assert!(app.mailbox.mails().is_empty());
}

#[tokio::test]
async fn for_somebody_who_follows_a_link_a_fault_is_a_page_with_the_id() {
    let app = TestApp::start().await;
    app.database.go_down();
    let path = format!("/verify?token={}", "A".repeat(43));
    let answer = app.get(&path).header("accept", "text/html,*/*;q=0.8").header("accept-language", "ru").await;
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
    let id = answer.header("x-request-id").expect("an id");
    assert!(answer.text().contains(&id) && answer.text().contains("lang=\"ru\""), "{}", answer.text());
    assert!(!answer.text().contains("connection refused"));
}

#[tokio::test]
async fn a_wrong_configuration_is_answered_with_the_names_of_the_settings() {
    let problems =
        crate::support::configuration(&[("SITE_URL", "canary-site"), ("MAIL_API_KEY", "")]).err().expect("problems");
    let response = edgegate::endpoints::misconfigured(&problems);
    assert_eq!(response.status(), 500);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    let message = body["msg"].as_str().expect("a message");
    assert!(message.contains("SITE_URL") && message.contains("MAIL_API_KEY"), "{message}");
    assert!(!body.to_string().contains("canary"), "{body}");
}

#[tokio::test]
async fn a_wrong_configuration_is_answered_as_carefully_as_everything_else() {
    let problems = crate::support::configuration(&[("SITE_URL", "")]).err().expect("problems");
    let response = edgegate::endpoints::misconfigured(&problems);
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("referrer-policy", "no-referrer"),
        ("x-sb-error-code", "unexpected_failure"),
    ] {
        assert_eq!(response.headers().get(name).and_then(|value| value.to_str().ok()), Some(value), "{name}");
    }
}
