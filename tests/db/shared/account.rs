//! `edgegate.account`: what of an account leaves the users table, and that nothing else does.

use axum::http::Method;
use edgegate::domain::account::user::email_app_metadata;
use serde_json::json;

use crate::support::{PASSWORD, TestApp, TestDatabase, tokens};

/// The columns that stay inside. A new column goes here, or into `edgegate.account`.
const INSIDE: [&str; 3] = ["email_key", "password_hash", "password_version"];

#[tokio::test]
async fn every_column_leaves_or_is_named_as_one_that_stays_inside() {
    let client = TestDatabase::template().await;
    let sql = "SELECT attname::text FROM pg_attribute
        WHERE attrelid = 'edgegate.users'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1";
    let columns: Vec<String> = client.query(sql, &[]).await.expect("columns").iter().map(|row| row.get(0)).collect();
    let sql = "SELECT jsonb_object_keys(edgegate.account(jsonb_populate_record(
        NULL::edgegate.users, jsonb_build_object('id', gen_random_uuid())))) ORDER BY 1";
    let leaving: Vec<String> = client.query(sql, &[]).await.expect("keys").iter().map(|row| row.get(0)).collect();
    let expected: Vec<String> = columns.into_iter().filter(|column| !INSIDE.contains(&column.as_str())).collect();
    assert_eq!(leaving, expected);
}

#[tokio::test]
async fn values_are_as_the_table_has_them_and_no_account_is_null() {
    let app = TestApp::start().await;
    app.signed_in("ada@example.com").await;
    app.sign_up("bob@example.com").await;
    app.database
        .change(
            "UPDATE edgegate.users SET
                app_metadata = '{\"n\": 12345678901234567890.10}', banned_until = '2030-02-03 04:05:06.789012+02',
                delete_after = now(), new_email = 'ada@example.org', role = 'editor', invited_at = '0044-03-15 BC'
            WHERE email = 'ada@example.com'",
        )
        .await;
    let inside = INSIDE.map(|column| format!("'{column}'")).join(", ");
    let same = format!(
        "SELECT count(*) FROM edgegate.users u
        WHERE edgegate.account(u)::text = (to_jsonb(u) - ARRAY[{inside}])::text"
    );
    assert_eq!(app.database.value::<i64>(&same).await, 2);
    assert!(app.database.value::<bool>("SELECT edgegate.account(NULL::edgegate.users) IS NULL").await);
    let outer = "SELECT edgegate.account(u) IS NULL FROM (SELECT 1) AS one LEFT JOIN edgegate.users u ON false";
    assert!(app.database.value::<bool>(outer).await);
}

#[tokio::test]
async fn functions_and_rust_mean_the_same_by_an_account_that_is_signed_in_to_by_its_address() {
    let client = TestDatabase::template().await;
    let row = client.query_one("SELECT edgegate.email_app_metadata()", &[]).await.expect("a value");
    assert_eq!(row.get::<_, serde_json::Value>(0), email_app_metadata());
}

/// Everything that PostgreSQL sends to the application is listened to while accounts are made,
/// shown, changed and signed in to.
#[tokio::test]
async fn a_new_column_does_not_travel() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true"), ("ANONYMOUS_SIGN_INS", "true")]).await;
    app.database.change("ALTER TABLE edgegate.users ADD COLUMN totp_secret text DEFAULT 'canary'").await;
    app.database.listen();
    let admin = |method: Method, path: &str, body: serde_json::Value| {
        app.call(method, &format!("/auth/v1{path}"))
            .bearer(&tokens::service())
            .header("content-type", "application/json")
            .body(body.to_string())
    };

    app.signed_in("ada@example.com").await;
    let session = app.sign_in("ada@example.com", PASSWORD).await.succeeded().json();
    let [access, refresh] =
        ["access_token", "refresh_token"].map(|name| session[name].as_str().expect("a token").to_owned());
    app.refresh(&refresh).await.succeeded();
    app.get("/user").bearer(&access).await.succeeded();
    app.get("/user/export").bearer(&access).await.succeeded();
    app.call(Method::PUT, "/auth/v1/user")
        .bearer(&access)
        .header("content-type", "application/json")
        .body(json!({ "data": { "full_name": "Ada" } }).to_string())
        .await
        .succeeded();
    app.post("/otp", json!({ "email": "bob@example.com" })).await.succeeded();
    let link = app.mailbox.link_to("bob@example.com");
    app.post("/verify", json!({ "type": "email", "token": link.code, "email": "bob@example.com" })).await.succeeded();
    app.post("/signup", json!({})).await.succeeded();

    let carol = json!({ "email": "carol@example.com", "password": PASSWORD, "email_confirm": true });
    let id =
        admin(Method::POST, "/admin/users", carol).await.succeeded().json()["id"].as_str().expect("an id").to_owned();
    admin(Method::GET, &format!("/admin/users/{id}"), json!(null)).await.succeeded();
    admin(Method::PUT, &format!("/admin/users/{id}"), json!({ "role": "editor" })).await.succeeded();
    admin(Method::GET, "/admin/users", json!(null)).await.succeeded();
    admin(Method::POST, "/invite", json!({ "email": "dan@example.com" })).await.succeeded();

    let heard = app.database.heard();
    for address in ["ada@example.com", "bob@example.com", "carol@example.com", "dan@example.com"] {
        assert!(heard.contains(address), "{address} was not heard of");
    }
    assert!(!heard.contains("totp_secret") && !heard.contains("canary"));
    assert_eq!(app.database.value::<i64>("SELECT count(*) FROM edgegate.users WHERE totp_secret = 'canary'").await, 5);
}
