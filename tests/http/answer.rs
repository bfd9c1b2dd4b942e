//! The headers of every answer, the request's id and its time limit. SECURITY.md T-64.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, PASSWORD, TestApp};

/// One answer of every kind there is: each route, and each way of missing one.
async fn every_answer(app: &TestApp) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for route in edgegate::endpoints::routes() {
        let method: Method = route.method.to_uppercase().parse().expect("a method");
        let path = format!("/auth/v1{}", route.path);
        answers.push((format!("{method} {path}"), app.call(method.clone(), &path).await));
        let call = app.call(method.clone(), &path).header("accept", "text/html");
        answers.push((format!("{method} {path} from a browser"), call.await));
        let empty = app.call(method.clone(), &path).header("content-type", "application/json").body("{}");
        answers.push((format!("{method} {path} with {{}}"), empty.await));
        let large =
            app.call(method.clone(), &path).header("content-type", "application/json").body(vec![b' '; 1_048_577]);
        answers.push((format!("{method} {path} with too much"), large.await));
    }
    let link = app.sign_up("ada@example.com").await;
    let calls = [
        app.call(Method::GET, "/"),
        app.call(Method::HEAD, "/"),
        app.call(Method::GET, "/.well-known/jwks.json"),
        app.call(Method::GET, "/nowhere"),
        app.call(Method::GET, "/auth/v1/user/x.css"),
        app.call(Method::DELETE, "/auth/v1/user"),
        app.call(Method::OPTIONS, "/auth/v1/user"),
        app.call(Method::TRACE, "/auth/v1/user"),
        app.get(&format!("/verify?token={}", link.token)),
        app.press_button(&link, link.cookie.as_deref()),
        app.press_button(&link, None),
        app.post("/token?grant_type=password", json!({ "email": "ada@example.com", "password": PASSWORD })),
        app.post("/token?grant_type=password", json!({ "email": "ada@example.com", "password": "wrong password" })),
    ];
    for call in calls {
        let answer = call.await;
        answers.push((format!("{answer:?}").chars().take(80).collect(), answer));
    }
    app.database.go_down();
    let broken = app.get("/verify?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    assert_eq!(broken.status, 503);
    answers.push(("without a database".to_owned(), broken));
    answers
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_browsers_careful() {
    let app = TestApp::start().await;
    for (what, answer) in every_answer(&app).await {
        let header = |name: &str| answer.header(name).unwrap_or_else(|| panic!("{what} has no {name}"));
        assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(header("strict-transport-security"), "max-age=63072000; includeSubDomains", "{what}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{what}");
        assert_eq!(header("x-frame-options"), "DENY", "{what}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{what}");
        let policy = header("content-security-policy");
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(directive), "{what}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{what}: {policy}");
        for name in ["server", "x-powered-by", "via"] {
            assert_eq!(answer.header(name), None, "{what}");
        }
    }
}

#[tokio::test]
async fn nothing_is_stored_by_caches_but_what_is_public() {
    let app = TestApp::start().await;
    for (what, answer) in every_answer(&app).await {
        let public = (what.contains("jwks.json") || what.contains("openapi.json") || what.contains("\"keys\""))
            && answer.status == 200;
        let expected = if public { "public, max-age=600" } else { "no-store" };
        assert_eq!(answer.header("cache-control").as_deref(), Some(expected), "{what}");
        if public {
            assert_eq!(answer.header("set-cookie"), None, "{what}");
        }
    }
}

#[tokio::test]
async fn what_has_a_body_says_what_it_is() {
    let app = TestApp::start().await;
    for (what, answer) in every_answer(&app).await {
        if answer.body.is_empty() {
            continue;
        }
        let kind = answer.header("content-type").unwrap_or_else(|| panic!("{what} has no content type"));
        match kind.as_str() {
            "application/json" => drop(answer.json()),
            "text/html; charset=utf-8" => assert!(answer.text().starts_with("<!doctype html>"), "{what}"),
            other => panic!("{what} is {other}"),
        }
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let app = TestApp::start().await;
    let answers = every_answer(&app).await;
    let ids: BTreeSet<String> = answers
        .iter()
        .map(|(what, answer)| answer.header("x-request-id").unwrap_or_else(|| panic!("{what}")))
        .collect();
    assert_eq!(ids.len(), answers.len());
    assert!(ids.iter().all(|id| id.len() == 36 && id.split('-').count() == 5));
}

#[tokio::test]
async fn the_id_is_ours_and_not_the_callers() {
    let app = TestApp::start().await;
    let answer = app.get("/health").header("x-request-id", "chosen").header("cf-ray", "chosen").await;
    assert_ne!(answer.header("x-request-id").as_deref(), Some("chosen"));
}

#[tokio::test]
async fn a_request_that_takes_longer_than_ten_seconds_is_given_up() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    app.clock.let_limits_run_out();
    let answer = app.get("/user").bearer(session["access_token"].as_str().expect("a token")).await;
    assert_eq!(answer.refusal(), (504, "request_timeout".to_owned()));
    assert_eq!(answer.json()["error_id"].as_str(), answer.header("x-request-id").as_deref());
    assert_eq!(app.log.newest("request")["http.status"], 504);
    assert_eq!(app.get("/health").await.status, 200, "what is quick is not hindered");
}

#[tokio::test]
async fn a_given_up_request_gives_its_place_for_hashing_back() {
    let app = TestApp::with(&[("PASSWORD_HASHES_IN_FLIGHT", "1")]).await;
    app.clock.let_limits_run_out();
    for _ in 0..2 {
        let answer = app.sign_in("ada@example.com", PASSWORD).await;
        assert_eq!(answer.refusal(), (504, "request_timeout".to_owned()));
    }
    assert!(app.hash_slot().is_some());
}
