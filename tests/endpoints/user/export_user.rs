//! `GET /user/export`.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::client::{ADA, BOB, Client};
use crate::support::{PASSWORD, TestApp, tokens};

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
    assert_eq!(ada.get(&app, "/user/export").await.refusal(), crate::support::client::session_is_over());
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
}

/// What is told of the mails and links, without what is random.
async fn told_of(app: &TestApp, ada: &Client, new: &str) -> String {
    app.clock.advance(TimeDelta::minutes(1));
    ada.update(app, json!({ "email": new })).await.succeeded();
    let mut export = ada.get(app, "/user/export").await.succeeded().json();
    for part in ["mails", "audit_events"] {
        for row in export[part].as_array_mut().expect("rows") {
            row.as_object_mut().expect("an object").remove("id");
        }
    }
    export["account"]["new_email"] = Value::Null;
    format!("{} {} {} {}", export["mails"], export["links"], export["account"], export["audit_events"])
}

#[tokio::test]
async fn it_does_not_tell_whether_the_new_address_has_an_account_or_takes_mail() {
    let mut seen: Option<String> = None;
    for name in ["bob", "nobody", "unconfirmed", "bounced"] {
        let app = TestApp::start().await;
        let ada = Client::new(&app, ADA).await;
        Client::new(&app, BOB).await;
        app.sign_up("unconfirmed@example.com").await;
        app.database
            .change(
                "INSERT INTO edgegate.mail_suppressions (email_key, reason, provider, happened_at, created_at)
                 VALUES ('bounced@example.com', 'bounced', 'resend', '2026-11-20', '2026-11-20')",
            )
            .await;
        let told = told_of(&app, &ada, &format!("{name}@example.com")).await;
        assert!(!told.contains("suppressed") && !told.contains(&format!("{name}@")), "{told}");
        assert_eq!(*seen.get_or_insert(told.clone()), told, "{name}");
    }
}

#[tokio::test]
async fn it_has_no_address_or_device_of_operators_and_strangers() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    app.clock.advance(TimeDelta::minutes(1));
    let stranger =
        |path: &str, body: Value| app.post(path, body).caller_ip("203.0.113.99").header("user-agent", "strange");
    stranger("/signup", json!({ "email": ADA, "password": PASSWORD })).await.succeeded();
    stranger("/recover", json!({ "email": ADA })).await.succeeded();
    stranger("/verify", json!({ "type": "recovery", "email": ADA, "token": "000000" })).await;
    crate::support::client::ban(&app, ada.user, &json!("1h"))
        .caller_ip("203.0.113.99")
        .header("user-agent", "strange")
        .await;
    crate::support::client::ban(&app, ada.user, &json!("none")).caller_ip("203.0.113.99").await;
    let back = Client::another(&app, ADA).await;
    let export = back.get(&app, "/user/export").await.succeeded();
    assert!(!export.text().contains("203.0.113.99") && !export.text().contains("strange"), "{}", export.text());
    let events = export.json()["audit_events"].as_array().cloned().expect("events");
    for action in ["signup_repeated", "recovery_mailed", "banned"] {
        assert!(events.iter().any(|event| event["action"] == action), "{action}");
    }
    let own = events.iter().find(|event| event["action"] == "signed_in").expect("one");
    assert_eq!(own["ip"], "192.0.2.7");
}

/// From where an administrator, or a stranger who signed up with the address, made a call is no
/// business of the account's owner.
#[tokio::test]
async fn it_tells_from_where_its_owner_came_and_nobody_else() {
    let app = TestApp::start().await;
    let stranger = json!({ "email": ADA, "password": "a stranger's password" });
    app.post("/signup", stranger).caller_ip("203.0.113.66").header("user-agent", "Stranger/1").await.succeeded();
    app.clock.advance(TimeDelta::days(2));
    let ada = Client::new(&app, ADA).await;
    let change = json!({ "user_metadata": { "plan": "pro" }, "password": "an operator's choice" });
    app.call(axum::http::Method::PUT, &format!("/auth/v1/admin/users/{}", ada.user))
        .bearer(&tokens::service())
        .header("content-type", "application/json")
        .caller_ip("203.0.113.77")
        .header("user-agent", "Operator/1")
        .body(change.to_string())
        .await
        .succeeded();
    let ada = Client::of(&app.sign_in(ADA, "an operator's choice").await.succeeded().json());
    let text = ada.get(&app, "/user/export").await.succeeded().text();
    for elsewhere in ["203.0.113.66", "Stranger/1", "203.0.113.77", "Operator/1"] {
        assert!(!text.contains(elsewhere), "{elsewhere} in {text}");
    }
    assert!(text.contains("192.0.2.7"), "{text}");
}
