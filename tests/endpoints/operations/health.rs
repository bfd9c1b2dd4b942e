//! `GET /health`.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn it_is_alive_without_a_database() {
    let app = TestApp::start().await;
    app.database.go_down();
    let answer = app.get("/health").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({ "version": env!("CARGO_PKG_VERSION"), "name": "edgegate", "description": "Authentication at the edge" })
    );
    assert_eq!(app.database.traffic(), (0, 0));
}
