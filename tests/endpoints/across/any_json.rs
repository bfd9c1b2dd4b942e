//! Bodies of any JSON, on every call that takes one: never a fault of ours, and nothing changes.

use axum::http::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::TestApp;

const ROUTES: [&str; 4] =
    ["/auth/v1/signup", "/auth/v1/verify", "/auth/v1/resend", "/auth/v1/token?grant_type=password"];

/// Any JSON, and strings that come close to what is expected.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 4.0)),
        any::<String>().prop_map(Value::from),
        "[0-9]{6}".prop_map(Value::from),
        "[A-Za-z0-9_-]{43}".prop_map(Value::from),
        prop::sample::select(vec!["signup", "email", "recovery", "sms", "\u{0}", "ru", "a@b", "+1"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// An object with some of the members that calls know.
fn any_body() -> impl Strategy<Value = Value> {
    let names = ["email", "password", "data", "phone", "type", "token", "token_hash", "grant_type", "code_challenge"];
    let known = prop::collection::hash_map(prop::sample::select(names.to_vec()), any_value(), 0..6)
        .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()));
    prop_oneof![3 => known, 1 => any_value()]
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
}

#[tokio::test]
async fn any_body_is_refused_without_a_fault_and_without_a_trace() {
    let app = TestApp::start().await;
    app.sign_up("ada@example.com").await;
    let before =
        (app.database.count("users").await, app.database.count("sessions").await, app.database.count("outbox").await);
    let mut runner = runner(150);
    for _ in 0..150 {
        let body = any_body().new_tree(&mut runner).expect("a body").current();
        for route in ROUTES {
            let call = app.call(Method::POST, route).header("content-type", "application/json").body(body.to_string());
            let answer = call.await;
            assert!(answer.status.is_client_error(), "{route} {body}: {answer:?}");
            assert!(!answer.code().is_empty());
        }
    }
    let after =
        (app.database.count("users").await, app.database.count("sessions").await, app.database.count("outbox").await);
    assert_eq!(after, before);
}

/// A sign-up that is good but for its `data`: what PostgreSQL stores must come back as it was.
#[tokio::test]
async fn any_data_is_refused_or_kept() {
    let app = TestApp::start().await;
    let mut runner = runner(60);
    let objects = prop::collection::hash_map(any::<String>(), any_value(), 0..4);
    for n in 0..60 {
        let members = objects.new_tree(&mut runner).expect("data").current();
        let data = Value::Object(members.into_iter().collect());
        let address = format!("ada{n}@example.com");
        let body = json!({ "email": address, "password": crate::support::PASSWORD, "data": data });
        let answer = app.post("/signup", body).await;
        if answer.status == 400 {
            assert!(data.to_string().contains("\\u0000"), "{data}: {answer:?}");
            continue;
        }
        let link = app.mailbox.link_to(&address);
        let session = app.enter_code(&address, &link.code).await.succeeded();
        let user = app.get("/user").bearer(&session.access_token()).await.succeeded().json();
        assert_eq!(user["user_metadata"], data);
    }
}

#[tokio::test]
async fn any_form_is_refused_without_a_fault() {
    let app = TestApp::start().await;
    let mut runner = runner(150);
    for _ in 0..150 {
        let body = ".{0,200}".new_tree(&mut runner).expect("text").current();
        for body in [body.clone(), format!("token={body}"), format!("token={}&password={body}", "A".repeat(43))] {
            let answer = app.submit("/verify/confirm", &[]).body(body.clone()).await;
            assert!([400, 410].contains(&answer.status.as_u16()), "{body}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn any_token_is_refused_without_a_fault() {
    let app = TestApp::start().await;
    let mut runner = runner(200);
    for _ in 0..200 {
        let token = "[ -~]{0,120}".new_tree(&mut runner).expect("text").current();
        let answer = app.get("/user").header("authorization", &format!("Bearer {token}")).await;
        assert_eq!(answer.status, 401, "{token}");
    }
}
