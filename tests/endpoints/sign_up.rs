//! `POST /signup`.

use serde_json::json;

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn a_new_address_is_mailed_a_link_and_a_code() {
    let app = TestApp::start().await;
    let answer = app.post("/signup", json!({ "email": "ada@example.com", "password": PASSWORD })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["email"], "ada@example.com");
    let session = app
        .post(
            "/verify",
            json!({"type":"signup","email":"ada@example.com","token": app.mailbox.link_to("ada@example.com").code}),
        )
        .await;
    assert_eq!(session.status, 200, "{session:?}");
    let user = app.get("/user").bearer(session.json()["access_token"].as_str().unwrap()).await;
    assert_eq!(user.status, 200, "{user:?}");
}
