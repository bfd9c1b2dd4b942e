//! What is said of HTTP requests and answers, and what never is: `Debug` is what ends in a log.

use axum::http::{HeaderMap, Method, StatusCode, header};
use edgegate::host::{HttpError, HttpRequest, HttpResponse};
use serde_json::json;

fn request() -> HttpRequest {
    let url = "https://ada:canary@hooks.example.com/canary?name=canary#canary".parse().expect("a URL");
    HttpRequest::new(Method::POST, url, 1000)
}

#[test]
fn a_request_shows_neither_headers_nor_body_nor_path() {
    let request = request().header(header::AUTHORIZATION, "Bearer canary").expect("a header");
    let request = request.json(&json!({ "password": "canary" })).expect("JSON");
    assert_eq!(format!("{request:?}"), "HttpRequest(POST https://hooks.example.com/..)");
    assert_eq!(request.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(request.body, br#"{"password":"canary"}"#);
}

#[test]
fn an_answer_shows_its_status_alone() {
    let mut headers = HeaderMap::new();
    headers.insert(header::SET_COOKIE, "session=canary".parse().expect("a value"));
    let answer = HttpResponse { status: StatusCode::CREATED, headers, body: Ok(b"canary".to_vec()) };
    assert_eq!(format!("{answer:?}"), "HttpResponse(201 ..)");
}

#[test]
fn a_value_that_would_begin_another_header_is_refused() {
    for value in ["key\r\nx-evil: 1", "key\n", "\0"] {
        let refused = request().header(header::AUTHORIZATION, value);
        assert!(matches!(refused, Err(HttpError::NotWritable)), "{value:?}");
    }
}
