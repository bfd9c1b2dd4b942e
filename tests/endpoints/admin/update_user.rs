//! `PUT /admin/users/{id}`: address, password, confirmation, metadata, role. Bans: `ban.rs`.

use axum::http::Method;
use chrono::TimeDelta;
use edgegate::domain::credential::password::Password;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{actions, call, change, create, created, id_of, shown};
use crate::support::client::{ADA, BOB, Client, no_error_was_logged, nothing_is_pending};
use crate::support::{MailedLink, PASSWORD, TestApp};

const NEW: &str = "ada@example.org";
const OTHER_PASSWORD: &str = "another horse battery staple";

/// A change of address under way: the links to the old and to the new one, and the one that takes
/// it back.
async fn moving(app: &TestApp, client: &Client) -> (MailedLink, MailedLink, String) {
    app.clock.advance(TimeDelta::minutes(1));
    let answer = client.update(app, json!({ "email": NEW })).await.succeeded();
    let new = MailedLink { cookie: Some(answer.cookie()), ..app.mailbox.link_to(NEW) };
    let text = app.mailbox.to(ADA).pop().expect("a mail").text;
    let undo = text.split_whitespace().find(|word| word.contains("email_change_undo")).expect("a link");
    let undo = undo.split("token=").nth(1).and_then(|rest| rest.split('&').next()).expect("a token").to_owned();
    (app.mailbox.link_to(ADA), new, undo)
}

async fn is_dead(app: &TestApp, link: &MailedLink, email: &str) {
    let call = app.post("/verify", json!({ "type": "email_change", "token": link.code, "email": email }));
    assert_eq!(call.await.refusal(), (403, "otp_expired".to_owned()));
    assert_eq!(app.press_button(link, link.cookie.as_deref()).await.status, 410);
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_its_owner_is_told() {
    let app = TestApp::start().await;
    let adas = [Client::new(&app, ADA).await, Client::another(&app, ADA).await];
    let bob = Client::new(&app, BOB).await;
    let (old, new, _) = moving(&app, &adas[0]).await;
    let mails = app.mailbox.to(ADA).len();
    let call = change(&app, adas[0].user, json!({ "password": OTHER_PASSWORD })).caller_ip("2001:db8::9");
    let user = call.header("user-agent", "Console/1.0").await.succeeded().json();
    assert_eq!((&user["email"], user.get("new_email")), (&json!(ADA), None));
    nothing_is_pending(&app).await;
    for ada in &adas {
        ada.has_ended(&app).await;
    }
    is_dead(&app, &old, ADA).await;
    is_dead(&app, &new, NEW).await;
    assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(app.sign_in(ADA, OTHER_PASSWORD).await.status, 200);
    bob.goes_on(&app).await;
    let mail = app.mailbox.to(ADA).pop().expect("a mail");
    assert_eq!(app.mailbox.to(ADA).len(), mails + 1);
    assert!(!mail.text.contains("2001:db8::9"), "where the operator's program runs: {}", mail.text);
    no_error_was_logged(&app);
}

#[tokio::test]
async fn a_hash_of_the_new_password_does_the_same() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let hash = app.app.parts.hasher.hash(&Password::parse(OTHER_PASSWORD).expect("a password"), [7; 16]);
    change(&app, ada.user, json!({ "password_hash": hash })).await.succeeded();
    ada.has_ended(&app).await;
    assert_eq!(app.sign_in(ADA, OTHER_PASSWORD).await.status, 200);
    assert_eq!(actions(&app).await, ["password_changed"]);
    assert_eq!(app.mailbox.to(ADA).len(), 2);
}

#[tokio::test]
async fn a_new_address_counts_at_once_and_ends_no_session() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new, undo) = moving(&app, &ada).await;
    let user = change(&app, ada.user, json!({ "email": "Ada@Example.net" })).await.succeeded().json();
    assert_eq!((&user["email"], user.get("new_email")), (&json!("ada@example.net"), None));
    assert_eq!(user["email_confirmed_at"], "2026-11-22T12:00:00.000000Z", "a confirmed account stays confirmed");
    assert_eq!(user["identities"][0]["email"], "ada@example.net");
    ada.goes_on(&app).await;
    for (link, email) in [(old, ADA), (new, NEW)] {
        is_dead(&app, &link, email).await;
    }
    let undone = app.submit("/verify/confirm", &[("token", &undo)]).await;
    assert_eq!(undone.status, 410, "the operator has the last word");
    let mail = app.mailbox.to(ADA).pop().expect("a mail");
    assert!(mail.text.contains("gave your account another email address"), "{}", mail.text);
    assert!(!mail.text.contains("example.net"), "it may be somebody else who reads it: {}", mail.text);
    assert_eq!(app.mailbox.to("ada@example.net").len(), 0);
    assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(app.sign_in("ada@example.net", PASSWORD).await.status, 200);
    assert_eq!(actions(&app).await, ["email_changed"]);
    app.clock.advance(TimeDelta::minutes(1));
    Client::new(&app, ADA).await;
}

#[tokio::test]
async fn another_writing_of_the_same_address_is_no_other_address() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (_, new, _) = moving(&app, &ada).await;
    let user = change(&app, ada.user, json!({ "email": "ADA@example.com" })).await.succeeded().json();
    assert_eq!((&user["email"], &user["new_email"]), (&json!(ADA), &json!(NEW)));
    app.press_button(&new, new.cookie.as_deref()).await.succeeded();
    assert_eq!(actions(&app).await, ["updated"]);
}

#[tokio::test]
async fn an_address_of_somebody_else_changes_nothing_at_all() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    Client::new(&app, BOB).await;
    app.sign_up("unconfirmed@example.com").await;
    let before = app.database.contents().await;
    for email in [BOB, "BOB@EXAMPLE.COM", "unconfirmed@example.com"] {
        let body = json!({ "email": email, "password": OTHER_PASSWORD, "ban_duration": "24h", "role": "editor" });
        assert_eq!(change(&app, ada.user, body).await.refusal(), (422, "email_exists".to_owned()));
    }
    assert_eq!(app.database.contents().await, before);
    ada.goes_on(&app).await;
}

#[tokio::test]
async fn an_address_is_confirmed_by_hand_and_its_link_dies() {
    let app = TestApp::start().await;
    let link = app.sign_up(ADA).await;
    let id: Uuid = app.database.value("SELECT id FROM edgegate.users").await;
    change(&app, id, json!({ "email_confirm": false, "role": "editor" })).await.succeeded();
    assert_eq!(app.sign_in(ADA, PASSWORD).await.code(), "email_not_confirmed");
    let user = change(&app, id, json!({ "email_confirm": true })).await.succeeded().json();
    assert_eq!(user["email_confirmed_at"], "2026-11-22T12:00:00.000000Z");
    assert_eq!(app.sign_in(ADA, PASSWORD).await.status, 200);
    assert_eq!(app.press_button(&link, link.cookie.as_deref()).await.status, 410);
    app.clock.advance(TimeDelta::minutes(1));
    let again = change(&app, id, json!({ "email_confirm": true })).await.succeeded().json();
    assert_eq!(again["email_confirmed_at"], user["email_confirmed_at"]);
    assert_eq!(actions(&app).await, ["email_confirmed", "updated", "updated"]);
}

#[tokio::test]
async fn metadata_are_merged_and_null_removes_a_member() {
    let app = TestApp::start().await;
    let id = created(&app, ADA).await;
    let first = json!({ "user_metadata": { "a": 1, "b": { "c": [null] } }, "app_metadata": { "plan": "free" } });
    change(&app, id, first).await.succeeded();
    let second = json!({
        "user_metadata": { "a": null, "d": "\u{1F600}", "locale": "ru" },
        "app_metadata": { "plan": null, "provider": null, "providers": ["x"], "seats": 3 },
    });
    let user = change(&app, id, second).await.succeeded().json();
    assert_eq!(user["user_metadata"], json!({ "b": { "c": [null] }, "d": "\u{1F600}", "locale": "ru" }));
    assert_eq!(user["app_metadata"], json!({ "provider": "email", "providers": ["email"], "seats": 3 }));
    assert_eq!(app.database.value::<String>("SELECT locale FROM edgegate.users").await, "ru");
    assert_eq!(shown(&app, id).await, user);
    let claims = crate::support::tokens::claims(&app.sign_in(ADA, PASSWORD).await.access_token());
    assert_eq!(claims["app_metadata"], user["app_metadata"]);
}

#[tokio::test]
async fn metadata_do_not_grow_beyond_their_bound() {
    let app = TestApp::start().await;
    let id = created(&app, ADA).await;
    // Of two bytes each: what counts is bytes.
    let half = "é".repeat(5000);
    for field in ["user_metadata", "app_metadata"] {
        change(&app, id, json!({ field: { "a": half } })).await.succeeded();
        let before = app.database.contents().await;
        let answer = change(&app, id, json!({ field: { "b": half }, "role": "editor" })).await;
        assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()), "{field}");
        assert_eq!(app.database.contents().await, before);
        change(&app, id, json!({ field: { "a": null, "b": half } })).await.succeeded();
    }
}

#[tokio::test]
async fn a_new_role_is_in_the_next_token() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let user = change(&app, ada.user, json!({ "role": "editor" })).await.succeeded().json();
    assert_eq!(user["role"], "editor");
    let refreshed = ada.refreshed(&app).await;
    assert_eq!(crate::support::tokens::claims(&refreshed.access)["role"], "editor");
    refreshed.goes_on(&app).await;
}

#[tokio::test]
async fn an_anonymous_account_gets_an_address_and_with_it_a_password() {
    let app = TestApp::with(&[("ANONYMOUS_SIGN_INS", "true")]).await;
    let client = Client::of(&app.post("/signup", json!({})).await.succeeded().json());
    let before = app.database.contents().await;
    for body in [
        json!({ "password": PASSWORD }),
        json!({ "email_confirm": true }),
        json!({ "password": PASSWORD, "role": "editor" }),
    ] {
        assert_eq!(change(&app, client.user, body).await.refusal(), (400, "validation_failed".to_owned()));
    }
    assert_eq!(app.database.contents().await, before);
    let body = json!({ "email": ADA, "email_confirm": true, "password": PASSWORD });
    let user = change(&app, client.user, body).await.succeeded().json();
    assert_eq!((&user["is_anonymous"], &user["app_metadata"]["provider"]), (&json!(false), &json!("email")));
    assert_eq!(app.sign_in(ADA, PASSWORD).await.succeeded().json()["user"]["id"], json!(client.user));
    assert_eq!(client.get(&app, "/user").await.refusal(), (401, "session_not_found".to_owned()));
    assert!(app.kv.holds(client.session));
}

#[tokio::test]
async fn everything_at_once_is_recorded_one_by_one() {
    let app = TestApp::start().await;
    let link = app.sign_up(ADA).await;
    let id: Uuid = app.database.value("SELECT id FROM edgegate.users").await;
    let body = json!({
        "email": NEW, "email_confirm": true, "password": OTHER_PASSWORD, "role": "editor", "ban_duration": "1h",
        "user_metadata": { "a": 1 }, "app_metadata": { "b": 2 }, "aud": "authenticated", "id": id,
    });
    change(&app, id, body).await.succeeded();
    assert_eq!(actions(&app).await, ["banned", "email_changed", "email_confirmed", "password_changed", "updated"]);
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(app.sign_in(NEW, OTHER_PASSWORD).await.status, 200);
    assert_eq!(app.enter_code(ADA, &link.code).await.status, 403);
    assert_eq!(app.mailbox.mails().len(), 1, "the old address was never confirmed, so nobody there is told");
}

#[tokio::test]
async fn the_password_may_not_be_the_address_that_the_account_has() {
    let app = TestApp::start().await;
    let id = created(&app, "ada.lovelace@example.com").await;
    for password in ["ada.lovelace", "ada.lovelace@example.com", "short", "password"] {
        let answer = change(&app, id, json!({ "password": password })).await;
        assert_eq!(answer.refusal(), (422, "weak_password".to_owned()), "{password}");
    }
    let both = json!({ "password": "ada.lovelace", "email": NEW });
    change(&app, id, both).await.succeeded();
}

#[tokio::test]
async fn what_makes_no_sense_changes_nothing() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.contents().await;
    let cases: Vec<(Value, u16, &str)> = vec![
        (json!({}), 400, "validation_failed"),
        (json!({ "email": null, "password": null, "ban_duration": null }), 400, "validation_failed"),
        (json!({ "email": "" }), 400, "validation_failed"),
        (json!({ "email_confirm": false }), 400, "validation_failed"),
        (json!({ "nonce": "123456" }), 400, "validation_failed"),
        (json!({ "id": Uuid::from_u128(7), "role": "editor" }), 400, "validation_failed"),
        (json!({ "email": "x" }), 400, "email_address_invalid"),
        (json!({ "phone": "+15550100" }), 400, "phone_provider_disabled"),
        (json!({ "aud": "x", "role": "editor" }), 400, "validation_failed"),
        (json!({ "role": "service_role" }), 400, "validation_failed"),
        (json!({ "role": "Editor" }), 400, "validation_failed"),
        (json!({ "password": PASSWORD, "password_hash": "x" }), 400, "validation_failed"),
        (json!({ "password_hash": "x" }), 400, "validation_failed"),
        (json!({ "password": "short" }), 422, "weak_password"),
        (json!({ "user_metadata": [] }), 400, "validation_failed"),
        (json!({ "app_metadata": { "a": "\u{0}" } }), 400, "validation_failed"),
        (json!({ "email_confirm": "true" }), 400, "validation_failed"),
        (json!({ "password": 7 }), 400, "validation_failed"),
    ];
    for (body, status, code) in cases {
        assert_eq!(change(&app, ada.user, body.clone()).await.refusal(), (status, code.to_owned()), "{body}");
    }
    for body in [json!({ "role": "editor" }), json!({ "password": OTHER_PASSWORD }), json!({ "email": NEW })] {
        let unknown = change(&app, ada.session, body).await;
        assert_eq!(unknown.refusal(), (404, "user_not_found".to_owned()));
    }
    assert_eq!(app.database.contents().await, before);
    ada.goes_on(&app).await;
    no_error_was_logged(&app);
}

#[tokio::test]
async fn a_ban_kills_what_was_under_way_for_good() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let (old, new, _) = moving(&app, &ada).await;
    app.post("/recover", json!({ "email": ADA })).await.succeeded();
    let recovery = app.mailbox.link_to(ADA);
    let user = change(&app, ada.user, json!({ "ban_duration": "24h" })).await.succeeded().json();
    assert_eq!(user.get("new_email"), None);
    change(&app, ada.user, json!({ "ban_duration": "none" })).await.succeeded();
    is_dead(&app, &old, ADA).await;
    is_dead(&app, &new, NEW).await;
    let call = app.post("/verify", json!({ "type": "recovery", "token": recovery.code, "email": ADA }));
    assert_eq!(call.await.refusal(), (403, "otp_expired".to_owned()));
    assert_eq!(app.sign_in(ADA, PASSWORD).await.succeeded().json()["user"]["email"], ADA);
}

#[tokio::test]
async fn one_account_is_shown_with_its_identity() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let user = shown(&app, ada.user).await;
    assert_eq!(user, ada.get(&app, "/user").await.json());
    let unknown = call(&app, &Method::GET, &format!("/{}", ada.session)).await;
    assert_eq!(unknown.refusal(), (404, "user_not_found".to_owned()));
    assert_eq!(call(&app, &Method::GET, "/x").await.refusal(), (404, "validation_failed".to_owned()));
    let made = create(&app, json!({ "email": BOB })).await;
    assert_eq!(shown(&app, id_of(&made)).await, made.json());
}

/// `banned_until` is how an account shows it; a ban is made by `ban_duration`.
#[tokio::test]
async fn a_member_that_is_not_known_is_refused_rather_than_lost() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let before = app.database.contents().await;
    let body = json!({ "banned_until": "2027-01-01T00:00:00Z", "role": "editor" });
    let answer = change(&app, ada.user, body.clone()).await;
    assert_eq!(answer.refusal(), (400, "validation_failed".to_owned()));
    assert_eq!(answer.json()["msg"], "banned_until is no field that this call takes");
    assert_eq!(super::create(&app, body).await.refusal(), (400, "validation_failed".to_owned()));
    assert_eq!(app.database.contents().await, before);
}
