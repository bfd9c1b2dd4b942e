//! `/admin/users/{id}/factors`: there are none.

use axum::http::Method;
use serde_json::json;

use super::{call, send};
use crate::support::TestApp;
use crate::support::client::{ADA, Client};

#[tokio::test]
async fn nobody_has_a_second_factor() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let path = format!("/{}/factors", ada.user);
    assert_eq!(call(&app, &Method::GET, &path).await.succeeded().json(), json!([]));
    let unknown = call(&app, &Method::GET, &format!("/{}/factors", ada.session)).await;
    assert_eq!(unknown.refusal(), (404, "user_not_found".to_owned()));
    let factor = format!("{path}/{}", ada.session);
    let not_found = (404, "mfa_factor_not_found".to_owned());
    assert_eq!(call(&app, &Method::DELETE, &factor).await.refusal(), not_found);
    assert_eq!(send(&app, &Method::PUT, &factor, &json!({ "friendly_name": "x" })).await.refusal(), not_found);
}
