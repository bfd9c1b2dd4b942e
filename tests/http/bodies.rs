//! Bodies that are refused before a handler sees them, on every route that takes one.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Call, PASSWORD, TestApp};

/// The calls that take JSON.
const JSON_ROUTES: [&str; 4] =
    ["/auth/v1/signup", "/auth/v1/verify", "/auth/v1/resend", "/auth/v1/token?grant_type=password"];
const FORM_ROUTE: &str = "/auth/v1/verify/confirm";

/// What each call takes, all of it good.
fn good_body(route: &str) -> Value {
    match route {
        "/auth/v1/signup" => json!({ "email": "new@example.com", "password": PASSWORD, "data": { "name": "Ada" } }),
        "/auth/v1/verify" => json!({ "type": "signup", "token_hash": "A".repeat(43), "password": PASSWORD }),
        "/auth/v1/resend" => json!({ "type": "signup", "email": "ada@example.com" }),
        _ => json!({ "email": "ada@example.com", "password": PASSWORD }),
    }
}

fn post<'a>(app: &'a TestApp, route: &str, content_type: Option<&str>, body: impl Into<Body>) -> Call<'a> {
    let call = app.call(Method::POST, route).body(body);
    match content_type {
        Some(content_type) => call.header("content-type", content_type),
        None => call,
    }
}

/// An application with an account in it, and all that its database holds.
async fn app() -> (TestApp, String) {
    let app = TestApp::start().await;
    app.sign_up("ada@example.com").await;
    let contents = app.database.contents().await;
    (app, contents)
}

#[tokio::test]
async fn json_is_taken_only_as_json_in_utf_8() {
    let (app, before) = app().await;
    for route in JSON_ROUTES {
        let body = good_body(route).to_string();
        for content_type in [
            None,
            Some(""),
            Some("text/plain"),
            Some("text/plain;charset=utf-8"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("application/json; charset=utf-7"),
            Some("application/json; charset=utf-16"),
            Some("application/jsonp"),
            Some("application/xml"),
            Some("json"),
            Some("text/json"),
            Some("application/json, text/plain"),
        ] {
            let answer = post(&app, route, content_type, body.clone()).await;
            assert_eq!(answer.refusal(), (415, "unsupported_media_type".to_owned()), "{route} {content_type:?}");
        }
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn json_may_name_its_charset() {
    let app = TestApp::start().await;
    for (n, content_type) in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json; charset=\"utf-8\"",
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({ "email": format!("ada{n}@example.com"), "password": PASSWORD }).to_string();
        assert_eq!(post(&app, "/auth/v1/signup", Some(content_type), body).await.status, 200, "{content_type}");
    }
}

#[tokio::test]
async fn a_form_is_taken_only_as_a_form() {
    let (app, before) = app().await;
    for content_type in [None, Some("application/json"), Some("text/plain"), Some("multipart/form-data; boundary=x")] {
        let call = post(&app, FORM_ROUTE, content_type, format!("token={}", "A".repeat(43)));
        let answer = call.header("sec-fetch-site", "same-origin").await;
        assert_eq!(answer.refusal(), (415, "unsupported_media_type".to_owned()), "{content_type:?}");
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_refused_and_one_of_exactly_that_is_read() {
    let (app, before) = app().await;
    for route in JSON_ROUTES {
        for length in [1_048_577, 3_000_000] {
            let body = format!("{{\"x\":\"{}\"}}", "x".repeat(length - 8));
            assert_eq!(body.len(), length);
            let answer = post(&app, route, Some("application/json"), body).await;
            assert_eq!(answer.refusal(), (413, "request_entity_too_large".to_owned()), "{route} {length}");
        }
        let body = format!("{{\"x\":\"{}\"}}", "x".repeat(1_048_576 - 8));
        let answer = post(&app, route, Some("application/json"), body).await;
        assert!([400, 422].contains(&answer.status.as_u16()), "{route}: {answer:?}");
    }
    let form = post(&app, FORM_ROUTE, Some("application/x-www-form-urlencoded"), vec![b'a'; 1_048_577]);
    assert_eq!(form.header("sec-fetch-site", "same-origin").await.status, 413);
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn what_is_not_json_or_not_an_object_is_refused() {
    let (app, before) = app().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_objects = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    let texts: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b" ".to_vec(),
        b"{".to_vec(),
        b"}".to_vec(),
        b"{}{}".to_vec(),
        b"{} x".to_vec(),
        b"nul".to_vec(),
        b"null".to_vec(),
        b"true".to_vec(),
        b"1".to_vec(),
        b"-0".to_vec(),
        b"1e400".to_vec(),
        b"\"text\"".to_vec(),
        b"[]".to_vec(),
        b"[{\"email\":\"ada@example.com\"}]".to_vec(),
        b"{'email':'a'}".to_vec(),
        b"{email:1}".to_vec(),
        b"{\"a\":1,}".to_vec(),
        b"{\"a\":NaN}".to_vec(),
        b"{\"a\":Infinity}".to_vec(),
        b"{\"a\":01}".to_vec(),
        b"{\"a\":\"\xff\xfe\"}".to_vec(),
        b"{\"a\":\"\\ud800\"}".to_vec(),
        b"{\"a\":\"\n\"}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"// comment\n{}".to_vec(),
        b"{\"a\":1e400}".to_vec(),
        b"email=a&password=b".to_vec(),
        deep.into_bytes(),
        deep_objects.into_bytes(),
    ];
    for route in JSON_ROUTES {
        for text in &texts {
            let answer = post(&app, route, Some("application/json"), text.clone()).await;
            let shown: String = String::from_utf8_lossy(text).chars().take(40).collect();
            assert_eq!(answer.refusal(), (400, "bad_json".to_owned()), "{route} {shown}");
        }
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn a_member_named_twice_is_refused_at_any_depth() {
    let (app, before) = app().await;
    for route in JSON_ROUTES {
        for twice in [
            r#""email":"ada@example.com","email":"eve@example.com""#,
            r#""data":{"a":1,"a":2}"#,
            r#""x":[{"b":{"c":1,"c":1}}]"#,
            r#""a":1,"\u0061":2"#,
        ] {
            let good = good_body(route).to_string();
            let body =
                format!("{},{twice}}}", good.trim_end_matches('}').trim_end_matches(",\"data\":{\"name\":\"Ada\""));
            let answer = post(&app, route, Some("application/json"), body.clone()).await;
            assert_eq!(answer.refusal(), (400, "bad_json".to_owned()), "{route} {body}");
        }
    }
    assert_eq!(app.database.contents().await, before);
}

/// Values of every type; a member takes those of its own type, everything else is refused by the
/// member's name.
fn values() -> Vec<(&'static str, Value)> {
    vec![
        ("text", json!("text")),
        ("boolean", json!(true)),
        ("boolean", json!(false)),
        ("number", json!(0)),
        ("number", json!(-0.0)),
        ("number", json!(1.5)),
        ("number", json!(9_223_372_036_854_775_808_u64)),
        ("number", json!(1e308)),
        ("number", json!(-1)),
        ("array", json!([])),
        ("array", json!(["ada@example.com", "evil@example.com"])),
        ("object", json!({})),
        ("object", json!({ "$ne": null })),
        ("object", json!({ "length": 8, "toString": "ada@example.com" })),
        ("array", json!([[[[[[[[{ "a": [[[[1]]]] }]]]]]]]])),
    ]
}

#[tokio::test]
async fn a_member_of_the_wrong_type_is_refused_by_its_name_and_not_by_its_value() {
    let (app, before) = app().await;
    let members = [
        ("/auth/v1/signup", "email", "text"),
        ("/auth/v1/signup", "password", "text"),
        ("/auth/v1/signup", "phone", "text"),
        ("/auth/v1/signup", "data", "object"),
        ("/auth/v1/verify", "type", "text"),
        ("/auth/v1/verify", "token", "text"),
        ("/auth/v1/verify", "token_hash", "text"),
        ("/auth/v1/verify", "email", "text"),
        ("/auth/v1/verify", "phone", "text"),
        ("/auth/v1/verify", "password", "text"),
        ("/auth/v1/resend", "type", "text"),
        ("/auth/v1/resend", "email", "text"),
        ("/auth/v1/token?grant_type=password", "email", "text"),
        ("/auth/v1/token?grant_type=password", "password", "text"),
        ("/auth/v1/token?grant_type=password", "phone", "text"),
    ];
    for (route, member, kind) in members {
        for (other, value) in values().into_iter().filter(|(other, _)| *other != kind) {
            let mut body = good_body(route);
            body[member] = value;
            let answer = post(&app, route, Some("application/json"), body.to_string()).await;
            assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()), "{route} {member} {other}");
            assert_eq!(answer.json()["msg"], format!("{member} is of the wrong type"), "{route} {other}");
        }
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn a_refusal_never_quotes_what_was_sent() {
    let (app, _) = app().await;
    let quoted = |answer: &Answer| {
        answer.text().contains("canary")
            || answer.headers.values().any(|value| value.as_bytes().windows(6).any(|bytes| bytes == b"canary"))
    };
    for route in JSON_ROUTES {
        for body in [
            r#"{"canary-member": "canary"#.to_owned(),
            r#"{"email": {"canary": "canary"}}"#.to_owned(),
            r#"{"email": ["canary"], "password": ["canary"], "type": "canary"}"#.to_owned(),
            r#"{"email": "canary", "password": "canary-password", "type": "canary", "token": "canary"}"#.to_owned(),
            r#"{"canary": 1, "canary": 2}"#.to_owned(),
            "canary".to_owned(),
        ] {
            let answer = post(&app, route, Some("application/json"), body.clone()).await;
            assert!(answer.status.is_client_error() && !quoted(&answer), "{route} {body}: {answer:?}");
            let answer = post(&app, route, Some("canary/canary"), body).await;
            assert!(!quoted(&answer), "{answer:?}");
        }
    }
    assert!(!app.log.text().contains("canary"), "{}", app.log.text());
}

#[tokio::test]
async fn what_comes_in_the_url_is_no_member_of_the_body() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    assert!(session["access_token"].is_string());
    let path =
        format!("/auth/v1/token?grant_type=password&email=ada@example.com&password={}", PASSWORD.replace(' ', "%20"));
    let answer = post(&app, &path, Some("application/json"), "{}").await;
    assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()));
}

#[tokio::test]
async fn a_parameter_of_the_url_given_twice_is_refused() {
    let (app, before) = app().await;
    for (method, path) in [
        (Method::GET, "/auth/v1/verify?token=a&token=b"),
        (Method::POST, "/auth/v1/token?grant_type=password&grant_type=password"),
        (Method::POST, "/auth/v1/signup?redirect_to=a&redirect_to=b"),
    ] {
        let route = path.split('?').next().expect("a path");
        let call = app.call(method, path).header("content-type", "application/json").body(good_body(route).to_string());
        assert_eq!(call.await.refusal(), (400, "validation_failed".to_owned()), "{path}");
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn a_body_that_may_be_left_out_may_be_null_too() {
    let app = TestApp::start().await;
    for body in ["", "null", " null\n"] {
        let session = app.signed_in("ada@example.com").await;
        let token = session["access_token"].as_str().expect("a token");
        let call = app.call(Method::DELETE, "/auth/v1/user").bearer(token).header("content-type", "application/json");
        assert_eq!(call.body(body).await.status, 204, "{body:?}");
        app.clock.advance(chrono::TimeDelta::minutes(2));
    }
}
