//! `GET /openapi.json`. What is in it: `tests/openapi.rs`.

use crate::support::TestApp;

#[tokio::test]
async fn the_committed_document_is_served_as_it_is() {
    let app = TestApp::start().await;
    let answer = app.get("/openapi.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text(), include_str!("../../src/openapi.json"));
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("public, max-age=600"));
    assert_eq!(app.database.traffic(), (0, 0));
}
