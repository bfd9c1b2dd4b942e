//! Mirrors `src/http/signed_in.rs`: a call that takes a second factor. None does yet, so the router
//! here has one of its own.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::middleware::from_fn;
use axum::routing::get;
use edgegate::domain::session::assurance::AssuranceLevel;
use edgegate::http::answer::answer;
use edgegate::http::error::Error;
use edgegate::http::signed_in::SignedIn;
use serde_json::json;
use tower::ServiceExt;

use crate::support::{TestApp, tokens};

async fn handle(signed_in: SignedIn) -> Result<&'static str, Error> {
    signed_in.connect(AssuranceLevel::Aal2).await?;
    Ok("done")
}

/// Status, error code and connections of a call that takes a second factor.
async fn call(app: &TestApp, token: &str) -> (u16, String, u32) {
    let before = app.database.traffic().0;
    let request = Request::get("/").header("authorization", format!("Bearer {token}"));
    let mut request = request.body(Body::empty()).expect("a valid request");
    request.extensions_mut().insert(Arc::clone(&app.app));
    let router = Router::new().route("/", get(handle)).layer(from_fn(answer));
    let Ok(response) = router.oneshot(request).await;
    let code = response.headers().get("x-sb-error-code").map(|code| code.to_str().expect("ASCII").to_owned());
    (response.status().as_u16(), code.unwrap_or_default(), app.database.traffic().0 - before)
}

#[tokio::test]
async fn a_session_of_one_factor_is_refused_where_two_are_asked_for() {
    let app = TestApp::start().await;
    let session = app.signed_in("ada@example.com").await;
    let token = session["access_token"].as_str().expect("a token");
    assert_eq!(call(&app, token).await, (403, "insufficient_aal".to_owned(), 0));
    let stronger = tokens::with_claim(token, "aal", json!("aal2"));
    assert_eq!(call(&app, &stronger).await, (200, String::new(), 1));
}
