//! `GET /`.

use axum::http::Method;

use crate::support::TestApp;

/// `SITE_URL` points at this Worker.
const HERE: [(&str, &str); 1] = [("SITE_URL", "https://auth.example.com")];

#[tokio::test]
async fn where_the_app_is_elsewhere_there_is_no_such_page() {
    let app = TestApp::start().await;
    assert_eq!(app.call(Method::GET, "/").await.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn it_shows_that_it_runs_and_where_to_look_next() {
    let app = TestApp::with(&HERE).await;
    let page = app.call(Method::GET, "/").await;
    assert_eq!(page.status, 200);
    let html = page.text();
    assert!(html.contains("edgegate is running"), "{html}");
    for link in ["/auth/v1/health", "/auth/v1/settings", "/auth/v1/.well-known/jwks.json"] {
        assert!(html.contains(&format!("href=\"https://auth.example.com{link}\"")), "{link} in {html}");
    }
    assert!(html.contains("href=\"/docs/\""), "Swagger UI in {html}");
    assert_eq!(app.database.traffic(), (0, 0));
}

#[tokio::test]
async fn the_mailbox_is_linked_in_development_only() {
    for (environment, shown) in [("development", true), ("staging", false), ("production", false)] {
        let changes = [HERE[0], ("ENVIRONMENT", environment), ("MAIL_API_URL", "http://localhost:8788")];
        let app = TestApp::with(&changes).await;
        let html = app.call(Method::GET, "/").await.text();
        assert_eq!(html.contains("http://localhost:8788"), shown, "{environment}");
        assert_eq!(html.contains("/health/ready"), shown, "{environment}");
    }
}

#[tokio::test]
async fn it_leads_no_form_anywhere() {
    let app = TestApp::with(&HERE).await;
    let policy = app.call(Method::GET, "/").await.header("content-security-policy").expect("a policy");
    assert!(policy.contains("form-action 'self' ;"), "{policy}");
    assert!(policy.contains("connect-src 'self'"), "{policy}");
}
