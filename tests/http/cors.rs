//! Which pages of other origins may call the API.

use axum::http::Method;

use crate::support::{Answer, TestApp};

fn allowed_origin(answer: &Answer) -> Option<String> {
    answer.header("access-control-allow-origin")
}

async fn app() -> TestApp {
    TestApp::with(&[("CORS_ALLOWED_ORIGINS", "https://admin.example.com, https://app.example.com:8443")]).await
}

#[tokio::test]
async fn the_apps_own_origin_and_the_listed_ones_may_read_answers() {
    let app = app().await;
    for origin in ["https://app.example.com", "https://admin.example.com", "https://app.example.com:8443"] {
        let answer = app.get("/settings").header("origin", origin).await;
        assert_eq!(allowed_origin(&answer).as_deref(), Some(origin));
        assert_eq!(answer.header("access-control-allow-credentials").as_deref(), Some("true"));
    }
}

#[tokio::test]
async fn no_other_origin_may() {
    let app = app().await;
    for origin in [
        "https://evil.example",
        "null",
        "",
        "*",
        "http://app.example.com",
        "https://app.example.com.evil.example",
        "https://app.example.com@evil.example",
        "https://evil.example/https://app.example.com",
        "https://evilapp.example.com",
        "https://sub.app.example.com",
        "https://app.example.com:443",
        "https://app.example.com:9999",
        "https://app.example.com/",
        "https://APP.example.com",
        "https://appXexample.com",
        "https://auth.example.com",
        "https://app.example.com, https://evil.example",
        "file://",
    ] {
        for call in [
            app.get("/settings"),
            app.call(Method::OPTIONS, "/auth/v1/token").header("access-control-request-method", "POST"),
        ] {
            let answer = call.header("origin", origin).await;
            assert_eq!(allowed_origin(&answer), None, "{origin}");
        }
    }
}

#[tokio::test]
async fn caches_are_told_that_the_answer_depends_on_the_origin() {
    let app = app().await;
    for call in [app.get("/settings"), app.get("/user"), app.get("/.well-known/jwks.json")] {
        let answer = call.header("origin", "https://app.example.com").await;
        let vary: Vec<_> =
            answer.headers.get_all("vary").iter().map(|value| value.to_str().expect("ASCII").to_lowercase()).collect();
        assert!(vary.iter().any(|value| value.contains("origin")), "{vary:?}");
    }
}

#[tokio::test]
async fn a_preflight_allows_the_headers_that_every_client_sends() {
    let app = app().await;
    let answer = app
        .call(Method::OPTIONS, "/auth/v1/token?grant_type=password")
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "apikey,authorization,content-type,x-client-info,x-supabase-api-version",
        )
        .await;
    assert!(answer.status.is_success());
    assert_eq!(allowed_origin(&answer).as_deref(), Some("https://app.example.com"));
    let list = |name: &str| -> Vec<String> {
        answer.header(name).expect(name).split(',').map(|item| item.trim().to_lowercase()).collect()
    };
    let headers = list("access-control-allow-headers");
    for header in ["accept", "apikey", "authorization", "content-type", "x-client-info", "x-supabase-api-version"] {
        assert!(headers.contains(&header.to_owned()), "{header} is not among {headers:?}");
    }
    let methods = list("access-control-allow-methods");
    for method in ["get", "post", "put", "patch", "delete"] {
        assert!(methods.contains(&method.to_owned()), "{method} is not among {methods:?}");
    }
    assert_eq!(answer.header("access-control-max-age").as_deref(), Some("3600"));
}

#[tokio::test]
async fn pages_may_read_the_headers_that_clients_need() {
    let app = app().await;
    let answer = app.get("/settings").header("origin", "https://app.example.com").await;
    let exposed = answer.header("access-control-expose-headers").expect("a list").to_lowercase();
    for header in ["x-supabase-api-version", "x-request-id", "x-total-count", "link", "retry-after"] {
        assert!(exposed.split(',').any(|item| item.trim() == header), "{header} is not in {exposed}");
    }
}

/// Without these a page sees no refusal at all, only a failed fetch.
#[tokio::test]
async fn refusals_may_be_read_too() {
    let app = app().await;
    app.database.go_down();
    let calls = [
        (401, app.get("/user")),
        (404, app.get("/nowhere")),
        (405, app.call(Method::DELETE, "/auth/v1/signup")),
        (415, app.call(Method::POST, "/auth/v1/signup")),
        (503, app.post("/resend", serde_json::json!({ "type": "signup", "email": "ada@example.com" }))),
    ];
    for (status, call) in calls {
        let answer =
            call.header("origin", "https://app.example.com").header("x-supabase-api-version", "2024-01-01").await;
        assert_eq!(answer.status, status);
        assert_eq!(allowed_origin(&answer).as_deref(), Some("https://app.example.com"), "{status}");
        assert_eq!(answer.header("access-control-allow-credentials").as_deref(), Some("true"), "{status}");
        let exposed = answer.header("access-control-expose-headers").unwrap_or_default();
        assert!(exposed.contains("x-supabase-api-version"), "{status}: {exposed}");
        assert!(answer.header("vary").unwrap_or_default().to_lowercase().contains("origin"), "{status}");
        let refused = answer.header("content-length").map(|length| length.parse::<usize>().expect("a number"));
        assert!(refused.is_none_or(|length| length == answer.body.len()), "{status}: {refused:?}");
    }
    app.clock.let_limits_run_out();
    let late = app.get("/user").header("origin", "https://evil.example").await;
    assert_eq!(allowed_origin(&late), None);
}

#[tokio::test]
async fn a_call_without_an_origin_works_as_ever() {
    let app = app().await;
    let answer = app.get("/settings").await;
    assert_eq!((answer.status.as_u16(), allowed_origin(&answer)), (200, None));
}
