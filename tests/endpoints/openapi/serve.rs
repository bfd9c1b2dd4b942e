//! `GET /openapi.json`. What is in it: `tests/endpoints/openapi/document.rs`.

use axum::http::Method;

use crate::support::TestApp;

#[tokio::test]
async fn the_committed_document_is_served_as_it_is() {
    let app = TestApp::start().await;
    let answer = app.get("/openapi.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text(), include_str!("../../../src/openapi.json"));
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("public, max-age=600"));
    assert_eq!(app.database.traffic(), (0, 0));
}

#[tokio::test]
async fn it_is_beside_the_page_of_swagger_ui_too() {
    let app = TestApp::start().await;
    let answer = app.call(Method::GET, "/docs/openapi.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text(), include_str!("../../../src/openapi.json"));
}

#[tokio::test]
async fn of_an_api_that_was_moved_it_says_where_it_is() {
    for base_path in ["/api/auth", "/docs", "/docs/auth"] {
        let app = TestApp::with(&[("API_BASE_PATH", base_path)]).await;
        for path in ["/docs/openapi.json", &format!("{base_path}/openapi.json")] {
            let document = app.call(Method::GET, path).await.json();
            assert_eq!(document["servers"][0]["url"], base_path, "{path}");
            assert_eq!(document["servers"].as_array().map(Vec::len), Some(1));
            let mut committed: serde_json::Value =
                serde_json::from_str(include_str!("../../../src/openapi.json")).expect("JSON");
            committed["servers"][0]["url"] = base_path.into();
            assert_eq!(document, committed, "nothing else differs");
        }
    }
}
