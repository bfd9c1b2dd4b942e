//! `GET /user/export`.

use serde_json::json;

use super::client::{ADA, BOB, Client};
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn it_has_all_that_is_stored_on_the_caller_and_no_secret() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    Client::new(&app, BOB).await;
    let answer = ada.get(&app, "/user/export").await.succeeded();
    assert_eq!(answer.header("content-disposition").as_deref(), Some("attachment; filename=\"account.json\""));
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    let export = answer.json();
    assert_eq!((&export["account"]["email"], &export["account"]["has_password"]), (&json!(ADA), &json!(true)));
    let count = |part: &str| export[part].as_array().map(Vec::len);
    assert_eq!(
        (count("sessions"), count("links"), count("mails"), count("audit_events"), count("devices")),
        (Some(1), Some(1), Some(1), Some(2), Some(1))
    );
    let text = answer.text();
    for secret in ["digest", "sealed", "$pbkdf2", "password_hash\"", BOB, &app.mailbox.link_to(ADA).code] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(app.database.value::<i64>("SELECT count(*) FROM edgegate.sessions").await, 2);
}

#[tokio::test]
async fn every_table_that_knows_an_account_is_in_it() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let tables: String = app
        .database
        .value(
            "SELECT string_agg(DISTINCT table_name, ' ' ORDER BY table_name) FROM information_schema.columns
             WHERE table_schema = 'edgegate' AND column_name = 'user_id'",
        )
        .await;
    // What `revocations` has of an account until KV knows it too, `sessions` has as well.
    assert_eq!(
        tables, "audit_events devices one_time_tokens outbox revocations sessions",
        "a new one? then it belongs into the export"
    );
    let export = ada.get(&app, "/user/export").await.succeeded().json();
    let parts: Vec<&String> = export.as_object().expect("an object").keys().collect();
    assert_eq!(parts, ["account", "audit_events", "devices", "links", "mail_suppression", "mails", "sessions"]);
}

#[tokio::test]
async fn it_is_for_the_signed_in_only() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    assert_eq!(app.get("/user/export").await.refusal(), (401, "no_authorization".to_owned()));
    ada.sign_out(&app, "").await;
    assert_eq!(ada.get(&app, "/user/export").await.refusal(), super::client::session_is_over());
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}
