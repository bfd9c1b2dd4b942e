//! `POST /verify` with `CONFIRM_SAME_BROWSER=strict`: a link's token alone confirms, and does not
//! sign in.

use serde_json::json;

use crate::endpoints::links::verify::dead;
use crate::support::{PASSWORD, TestApp};

async fn strict() -> TestApp {
    TestApp::with(&[("CONFIRM_SAME_BROWSER", "strict")]).await
}

#[tokio::test]
async fn without_the_password_it_confirms_and_answers_with_the_user() {
    let app = strict().await;
    let link = app.sign_up("ada@example.com").await;
    let answer = app.post("/verify", json!({ "type": "signup", "token_hash": link.token })).await.succeeded();
    let body = answer.json();
    assert_eq!(body["email_confirmed_at"], "2026-11-22T12:00:00.000000Z");
    assert_eq!(body["last_sign_in_at"], json!(null));
    assert!(body.get("access_token").is_none() && body.get("refresh_token").is_none(), "{body}");
    assert_eq!(app.database.count("sessions").await, 0);
    assert_eq!(app.sign_in("ada@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn with_the_right_password_it_signs_in() {
    let app = strict().await;
    let link = app.sign_up("ada@example.com").await;
    let body = json!({ "type": "signup", "token_hash": link.token, "password": PASSWORD });
    let session = app.post("/verify", body).await.succeeded();
    assert_eq!(app.get("/user").bearer(&session.access_token()).await.status, 200);
    assert_eq!(app.database.count("sessions").await, 1);
}

#[tokio::test]
async fn with_a_wrong_password_nothing_is_used_up() {
    let app = strict().await;
    let link = app.sign_up("ada@example.com").await;
    let before = app.database.contents_besides("throttles").await;
    for password in ["not the password", "", &"x".repeat(5000)] {
        let body = json!({ "type": "signup", "token_hash": link.token, "password": password });
        assert_eq!(app.post("/verify", body).await.refusal(), dead(), "{password}");
    }
    assert_eq!(app.database.contents_besides("throttles").await, before);
    let right = json!({ "type": "signup", "token_hash": link.token, "password": PASSWORD });
    assert_eq!(app.post("/verify", right).await.status, 200);
}

#[tokio::test]
async fn a_code_still_signs_in_since_it_is_typed_where_the_person_is() {
    let app = strict().await;
    let link = app.sign_up("ada@example.com").await;
    assert!(!app.enter_code("ada@example.com", &link.code).await.succeeded().access_token().is_empty());
}

#[tokio::test]
async fn the_page_works_as_ever() {
    let app = strict().await;
    let link = app.sign_up("ada@example.com").await;
    assert_eq!(app.press_button(&link, None).await.status, 422);
    assert_eq!(app.press_button(&link, link.cookie.as_deref()).await.status, 303);
}

#[tokio::test]
async fn a_password_is_checked_only_while_there_is_room() {
    let app = TestApp::with(&[("CONFIRM_SAME_BROWSER", "strict"), ("PASSWORD_HASHES_IN_FLIGHT", "1")]).await;
    let link = app.sign_up("ada@example.com").await;
    let taken = app.hash_slot().expect("a free place");
    let body = json!({ "type": "signup", "token_hash": link.token, "password": PASSWORD });
    let answer = app.post("/verify", body.clone()).await;
    assert_eq!(answer.refusal(), (503, "over_capacity".to_owned()));
    assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
    drop(taken);
    assert_eq!(app.post("/verify", body).await.status, 200);
}
