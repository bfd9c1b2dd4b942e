//! Bodies of any JSON and queries of any text: never a fault of ours, and what is refused changes
//! nothing.

use axum::http::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::{call, created, send};
use crate::support::TestApp;
use crate::support::client::{ADA, no_error_was_logged};

const MEMBERS: [&str; 13] = [
    "id",
    "aud",
    "role",
    "email",
    "email_confirm",
    "phone",
    "phone_confirm",
    "password",
    "password_hash",
    "user_metadata",
    "app_metadata",
    "ban_duration",
    "should_soft_delete",
];

const PARAMETERS: [&str; 7] = ["page", "per_page", "sort", "filter", "email", "email_prefix", "status"];

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec!["", "authenticated", "none", "24h", "a@b.example", "\u{0}", "editor", "$argon2id$"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_body() -> impl Strategy<Value = Value> {
    let known = prop::collection::hash_map(prop::sample::select(MEMBERS.to_vec()), any_value(), 0..5)
        .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()));
    prop_oneof![4 => known, 1 => any_value()]
}

fn runner() -> TestRunner {
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[tokio::test]
async fn any_body_is_done_or_refused_and_never_a_fault() {
    let app = TestApp::start().await;
    let id = created(&app, ADA).await;
    let mut runner = runner();
    for _ in 0..60 {
        let body = any_body().new_tree(&mut runner).expect("a body").current();
        for (method, path) in [(Method::POST, String::new()), (Method::PUT, format!("/{id}"))] {
            let before = app.database.contents().await;
            let answer = send(&app, &method, &path, &body).await;
            assert!(answer.status == 200 || answer.status.is_client_error(), "{method} {body}: {answer:?}");
            if answer.status != 200 {
                assert_eq!(app.database.contents().await, before, "{method} {body}");
            }
        }
    }
    no_error_was_logged(&app);
}

#[tokio::test]
async fn any_query_finds_something_or_is_refused() {
    let app = TestApp::start().await;
    created(&app, ADA).await;
    let before = app.database.contents().await;
    let mut runner = runner();
    let parameters = prop::collection::vec(
        (prop::sample::select(PARAMETERS.to_vec()), prop_oneof![any::<String>(), "[ -~]{0,20}"]),
        0..4,
    );
    for _ in 0..200 {
        let query = parameters.new_tree(&mut runner).expect("a query").current();
        let query = serde_urlencoded::to_string(&query).expect("text");
        let answer = call(&app, &Method::GET, &format!("?{query}")).await;
        assert!([200, 400].contains(&answer.status.as_u16()), "{query}: {answer:?}");
    }
    assert_eq!(app.database.contents().await, before);
    no_error_was_logged(&app);
}

#[tokio::test]
async fn a_body_that_is_no_object_in_json_is_refused() {
    let app = TestApp::start().await;
    let id = created(&app, ADA).await;
    let before = app.database.contents().await;
    for (method, path) in [(Method::POST, String::new()), (Method::PUT, format!("/{id}"))] {
        let sent = |body: String| call(&app, &method, &path).header("content-type", "application/json").body(body);
        for body in [
            "",
            "[]",
            "7",
            "null",
            "{",
            "{\"email\":\"a@b.example\",\"email\":\"c@d.example\"}",
            "{\"user_metadata\":{\"a\":1,\"a\":2}}",
        ] {
            assert_eq!(sent(body.to_owned()).await.refusal(), (400, "bad_json".to_owned()), "{body}");
        }
        let deep = format!("{{\"user_metadata\":{{\"a\":{}1{}}}}}", "[".repeat(200), "]".repeat(200));
        assert_eq!(sent(deep).await.refusal(), (400, "bad_json".to_owned()));
        let large = json!({ "user_metadata": { "a": "a".repeat(1024 * 1024) } }).to_string();
        assert_eq!(sent(large).await.refusal(), (413, "request_entity_too_large".to_owned()));
        let untyped = call(&app, &method, &path).body("{}").await;
        assert_eq!(untyped.refusal(), (415, "unsupported_media_type".to_owned()));
    }
    assert_eq!(app.database.contents().await, before);
}
