//! Wrong methods and unknown routes.

use axum::http::Method;
use edgegate::endpoints::routes;

use crate::support::TestApp;

const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "NONSENSE"];

#[tokio::test]
async fn a_route_answers_only_its_own_methods_and_names_them() {
    let app = TestApp::start().await;
    for route in routes() {
        let here: Vec<String> =
            routes().filter(|other| other.path == route.path).map(|other| other.method.to_uppercase()).collect();
        for method in METHODS {
            let head = method == "HEAD" && here.contains(&"GET".to_owned());
            if here.contains(&method.to_owned()) || head {
                continue;
            }
            let answer =
                app.call(method.parse::<Method>().expect("a method"), &format!("/auth/v1{}", route.path)).await;
            assert_eq!(answer.status, 405, "{method} {}", route.path);
            assert_eq!(answer.code(), "method_not_allowed");
            let allow = answer.header("allow").unwrap_or_else(|| panic!("{method} {} names no methods", route.path));
            for method in &here {
                assert!(allow.split(',').any(|allowed| allowed.trim() == method), "{}: {allow}", route.path);
            }
        }
    }
}

#[tokio::test]
async fn a_method_in_a_header_or_field_is_no_method() {
    let app = TestApp::start().await;
    let call = app.get("/signup").header("x-http-method-override", "POST").header("x-method-override", "POST");
    assert_eq!(call.await.refusal(), (405, "method_not_allowed".to_owned()));
    assert_eq!(app.get("/signup?_method=POST").await.refusal(), (405, "method_not_allowed".to_owned()));
}

#[tokio::test]
async fn an_unknown_route_is_not_found_with_any_method() {
    let app = TestApp::start().await;
    for path in [
        "/auth",
        "/auth/v1",
        "/auth/v1/",
        "/auth/v1/nowhere",
        "/auth/v1/user/",
        "/auth/v1/user/x.css",
        "/auth/v1//user",
        "/auth/v2/user",
        "/user",
        "/signup",
        "/auth/v1/USER",
        "/auth/v1/user%2f",
        "/auth/v1/.%2e/user",
        "/favicon.ico",
        "/auth/v1/verify/confirm/",
        "/.well-known/openid-configuration",
        "/auth/v1/%00",
        "/auth/v1/%ff",
    ] {
        for method in METHODS.iter().filter(|method| **method != "CONNECT") {
            let answer = app.call(method.parse::<Method>().expect("a method"), path).await;
            assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn somebody_who_follows_a_wrong_link_sees_a_page() {
    let app = TestApp::start().await;
    let answer =
        app.call(Method::GET, "/nowhere?%3Cscript%3Ealert(1)%3C/script%3E").header("accept", "text/html").await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("There is nothing here") && !answer.text().contains("alert(1)"));
}

#[tokio::test]
async fn head_is_answered_as_get_without_the_body() {
    let app = TestApp::start().await;
    for path in ["/auth/v1/health", "/auth/v1/settings", "/.well-known/jwks.json", "/auth/v1/verify?token=x", "/"] {
        let get = app.call(Method::GET, path).await;
        let head = app.call(Method::HEAD, path).await;
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
        assert!(head.body.is_empty() && !get.body.is_empty());
    }
}

#[tokio::test]
async fn the_base_path_is_a_setting() {
    let app = TestApp::with(&[("API_BASE_PATH", "/api/auth")]).await;
    assert_eq!(app.call(Method::GET, "/api/auth/health").await.status, 200);
    assert_eq!(app.call(Method::GET, "/auth/v1/health").await.status, 404);
    let body = serde_json::json!({ "email": "ada@example.com", "password": crate::support::PASSWORD }).to_string();
    let call = app.call(Method::POST, "/api/auth/signup").header("content-type", "application/json").body(body);
    call.await.succeeded();
    let link = app.mailbox.link_to("ada@example.com");
    assert!(link.url.starts_with("https://auth.example.com/api/auth/verify?"), "{}", link.url);
}
