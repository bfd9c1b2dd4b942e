//! `POST /admin/users`: makes an account, and mails nobody.

use axum::http::Method;
use chrono::TimeDelta;
use edgegate::domain::credential::password::Password;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{actions, call, create, created, id_of, shown};
use crate::support::client::{ADA, Client, no_error_was_logged};
use crate::support::{PASSWORD, TestApp, tokens};

#[tokio::test]
async fn a_confirmed_account_can_sign_in_at_once() {
    let app = TestApp::start().await;
    let body = json!({
        "email": "Ada@Example.com",
        "password": PASSWORD,
        "email_confirm": true,
        "user_metadata": { "name": "Ada", "none": null },
        "app_metadata": { "plan": "free", "provider": "google", "providers": [] },
        "role": "editor",
        "aud": "authenticated",
        "ban_duration": "none",
        "phone": "",
        "phone_confirm": false,
    });
    let answer = create(&app, body).await.succeeded();
    let user = answer.json();
    assert_eq!(
        (&user["email"], &user["role"], &user["aud"]),
        (&json!("ada@example.com"), &json!("editor"), &json!("authenticated"))
    );
    assert_eq!(user["email_confirmed_at"], "2026-11-22T12:00:00.000000Z");
    assert_eq!(user["user_metadata"], json!({ "name": "Ada" }));
    assert_eq!(user["app_metadata"], json!({ "plan": "free", "provider": "email", "providers": ["email"] }));
    assert_eq!(user["identities"][0]["identity_data"]["email"], "ada@example.com");
    assert_eq!((user.get("password_hash"), user.get("invited_at"), user.get("banned_until")), (None, None, None));
    assert_eq!(shown(&app, id_of(&answer)).await, user);

    let session = app.sign_in(ADA, PASSWORD).await.succeeded().json();
    let claims = tokens::claims(session["access_token"].as_str().expect("a token"));
    assert_eq!((&claims["role"], &claims["app_metadata"]["plan"]), (&json!("editor"), &json!("free")));
    Client::of(&session).goes_on(&app).await;
    assert_eq!(actions(&app).await, ["created"]);
    assert!(app.mailbox.mails().is_empty());
    no_error_was_logged(&app);
}

#[tokio::test]
async fn without_email_confirm_it_is_as_after_signing_up() {
    for body in [json!({}), json!({ "email_confirm": false }), json!({ "email_confirm": null, "password_hash": null })]
    {
        let app = TestApp::start().await;
        let mut body = body;
        body["email"] = json!(ADA);
        body["password"] = json!(PASSWORD);
        let user = create(&app, body).await.succeeded().json();
        assert_eq!((user.get("email_confirmed_at"), user.get("confirmation_sent_at")), (None, None));
        assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "email_not_confirmed");
        app.clock.advance(TimeDelta::minutes(1));
        app.post("/resend", json!({ "type": "signup", "email": ADA })).await.succeeded();
        let link = app.mailbox.link_to(ADA);
        app.enter_code(ADA, &link.code).await.succeeded();
        assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn without_a_password_its_owner_sets_one_by_mail() {
    for body in
        [json!({ "email": ADA, "email_confirm": true }), json!({ "email": ADA, "email_confirm": true, "password": "" })]
    {
        let app = TestApp::start().await;
        create(&app, body).await.succeeded();
        assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
        app.post("/recover", json!({ "email": ADA })).await.succeeded();
        let link = app.mailbox.link_to(ADA);
        app.submit("/verify/confirm", &[("token", &link.token), ("password", PASSWORD)]).await.succeeded();
        assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn a_hash_of_our_own_is_taken_as_it_is() {
    let app = TestApp::start().await;
    let password = Password::parse(PASSWORD).expect("a password");
    let hash = app.app.parts.hasher.hash(&password, [7; 16]);
    create(&app, json!({ "email": ADA, "password_hash": hash, "email_confirm": true })).await.succeeded();
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
    assert_eq!(app.sign_in(ADA, "another horse battery staple").await.status, 400);
    assert!(!app.log.text().contains(&hash));
}

#[tokio::test]
async fn the_id_may_be_given_and_is_never_used_twice() {
    let app = TestApp::start().await;
    let id = Uuid::from_u128(0x5f0e_4f8a_6c1d_4a3e_9a58_0d3f_6a1b_2c4d);
    let body = json!({ "id": id, "email": ADA });
    assert_eq!(id_of(&create(&app, body.clone()).await), id);
    let taken = create(&app, json!({ "id": id, "email": "other@example.com" })).await;
    assert_eq!(taken.refusal(), (409, "conflict".to_owned()));
    call(&app, &Method::DELETE, &format!("/{id}")).await.succeeded();
    assert_eq!(create(&app, body).await.refusal(), (409, "conflict".to_owned()));
    assert_eq!(app.database.count("users").await, 0);
}

#[tokio::test]
async fn an_address_that_has_an_account_is_refused_whoever_has_it() {
    let app = TestApp::start().await;
    app.sign_up("unconfirmed@example.com").await;
    Client::new(&app, ADA).await;
    let before = app.database.contents().await;
    for email in [ADA, "ADA@EXAMPLE.COM", "unconfirmed@example.com"] {
        let answer = create(&app, json!({ "email": email, "password": PASSWORD, "email_confirm": true })).await;
        assert_eq!(answer.refusal(), (422, "email_exists".to_owned()), "{email}");
    }
    assert_eq!(app.database.contents().await, before);
}

#[tokio::test]
async fn a_banned_account_can_be_made() {
    let app = TestApp::start().await;
    let body = json!({ "email": ADA, "password": PASSWORD, "email_confirm": true, "ban_duration": "24h" });
    assert_eq!(create(&app, body).await.succeeded().json()["banned_until"], "2026-11-23T12:00:00.000000Z");
    assert_eq!(app.sign_in(ADA, PASSWORD).await.refusal(), (400, "user_banned".to_owned()));
}

#[tokio::test]
async fn domains_that_users_may_not_use_an_operator_may() {
    let app = TestApp::with(&[("EMAIL_DOMAINS_ALLOWED", "example.org"), ("SIGNUP_DISABLED", "true")]).await;
    created(&app, ADA).await;
}

#[tokio::test]
async fn mails_come_in_the_language_of_the_metadata() {
    let app = TestApp::start().await;
    create(&app, json!({ "email": ADA, "user_metadata": { "locale": "ru" } })).await.succeeded();
    assert_eq!(app.database.value::<String>("SELECT locale FROM edgegate.users").await, "ru");
}

/// What is wrong with a body that would be good otherwise.
fn bad_bodies() -> Vec<(Value, u16, &'static str)> {
    let long = "a".repeat(17 * 1024);
    let with = |name: &str, value: Value| {
        let mut body = json!({ "email": ADA, "password": PASSWORD, "email_confirm": true });
        body[name] = value;
        body
    };
    let mut bodies = vec![
        (json!({}), 400, "validation_failed"),
        (json!({ "password": PASSWORD }), 400, "validation_failed"),
        (with("email", json!("")), 400, "validation_failed"),
        (with("email", json!("ada")), 400, "email_address_invalid"),
        (with("email", json!("ada@example.com\r\nbcc: eve@example.com")), 400, "email_address_invalid"),
        (with("email", json!("\u{0}@example.com")), 400, "email_address_invalid"),
        (with("phone", json!("+15550100")), 400, "phone_provider_disabled"),
        (json!({ "phone": "+15550100" }), 400, "phone_provider_disabled"),
        (with("aud", json!("somebody else")), 400, "validation_failed"),
        (with("id", json!("x")), 400, "validation_failed"),
        (with("id", json!(Uuid::nil())), 400, "validation_failed"),
        (with("password", json!("short")), 422, "weak_password"),
        (with("password", json!(ADA)), 422, "weak_password"),
        (with("password", json!("a".repeat(5000))), 422, "weak_password"),
        (with("password_hash", json!("$argon2id$v=19$m=19456,t=2,p=1$x$y")), 400, "validation_failed"),
        (with("ban_duration", json!("forever")), 400, "validation_failed"),
        (with("user_metadata", json!({ "a": long })), 400, "validation_failed"),
        (with("app_metadata", json!({ "a": long })), 400, "validation_failed"),
        (with("user_metadata", json!({ "a": "\u{0}" })), 400, "validation_failed"),
        (with("app_metadata", json!({ "a\u{0}": 1 })), 400, "validation_failed"),
    ];
    for hash in ["x", "$2b$12$", "$pbkdf2-sha512$i=220000,l=32,k=00000000$AAAA$AAAA", "\u{0}"] {
        bodies.push((json!({ "email": ADA, "password_hash": hash }), 400, "validation_failed"));
    }
    let roles = ["service_role", "supabase_admin", "introspector", "anon", "Admin", "1st", "a-b", "a b", "\u{0}", "é"];
    for role in roles.into_iter().map(str::to_owned).chain(["a".repeat(64)]) {
        bodies.push((with("role", json!(role)), 400, "validation_failed"));
    }
    for name in ["email", "phone", "password", "password_hash", "role", "aud", "ban_duration", "id"] {
        for value in [json!(7), json!(true), json!([]), json!({})] {
            bodies.push((with(name, value), 400, "validation_failed"));
        }
    }
    for name in ["email_confirm", "phone_confirm", "user_metadata", "app_metadata"] {
        for value in [json!(7), json!("true"), json!([])] {
            bodies.push((with(name, value), 400, "validation_failed"));
        }
    }
    bodies
}

#[tokio::test]
async fn what_makes_no_sense_makes_no_account() {
    let app = TestApp::start().await;
    let before = app.database.contents().await;
    for (body, status, code) in bad_bodies() {
        let answer = create(&app, body.clone()).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{body}");
        assert!(!answer.text().contains(PASSWORD));
    }
    assert_eq!(app.database.contents().await, before);
    assert!(!app.log.text().contains(PASSWORD));
    no_error_was_logged(&app);
}

#[tokio::test]
async fn the_longest_name_of_a_role_is_taken() {
    let app = TestApp::start().await;
    let role = format!("_{}", "a1_".repeat(20) + "zz");
    assert_eq!(role.len(), 63);
    assert_eq!(create(&app, json!({ "email": ADA, "role": role })).await.succeeded().json()["role"], role);
}
