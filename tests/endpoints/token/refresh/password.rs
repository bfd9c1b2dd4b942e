//! A session ends with the password under which it was opened, however that is changed; and only
//! with it.

use serde_json::json;

use crate::support::client::{ADA, Client};
use crate::support::{PASSWORD, TestApp};

const NEW: &str = "another horse battery staple";

/// Typed by an operator, who knows nothing of sessions.
const BY_HAND: [&str; 3] = [
    "UPDATE edgegate.users SET password_hash = NULL",
    "UPDATE edgegate.users SET password_hash = password_hash || 'x'",
    "UPDATE edgegate.users SET password_hash = NULL, updated_at = now(), email = 'new@example.com'",
];

#[tokio::test]
async fn a_password_changed_by_hand_ends_every_session_for_everybody() {
    for by_hand in BY_HAND {
        let app = TestApp::start().await;
        let ada = [Client::new(&app, ADA).await, Client::another(&app, ADA).await];
        let bob = Client::new(&app, "bob@example.com").await;
        app.database.change(&format!("{by_hand} WHERE email = '{ADA}'")).await;
        for session in &ada {
            session.is_refused(&app).await;
        }
        app.sweep().await;
        for session in &ada {
            session.has_ended(&app).await;
        }
        bob.goes_on(&app).await;
    }
}

#[tokio::test]
async fn sessions_opened_after_it_go_on() {
    let app = TestApp::start().await;
    let before = Client::new(&app, ADA).await;
    app.database.change(BY_HAND[0]).await;
    app.post("/recover", json!({ "email": ADA })).await.succeeded();
    let code = app.mailbox.link_to(ADA).code;
    let answer = app.post("/verify", json!({ "type": "recovery", "email": ADA, "token": code })).await.succeeded();
    let recovered = Client::of(&answer.json());
    recovered.goes_on(&app).await;
    let recovered = recovered.refreshed(&app).await;
    recovered.update(&app, json!({ "password": NEW })).await.succeeded();
    let signed_in = Client::of(&app.sign_in(ADA, NEW).await.succeeded().json());
    for session in [&recovered, &signed_in] {
        session.goes_on(&app).await;
    }
    before.is_refused(&app).await;
}

#[tokio::test]
async fn the_session_that_changes_the_password_goes_on_time_after_time() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let mut password = PASSWORD.to_owned();
    for n in 0..3 {
        let other = Client::of(&app.sign_in(ADA, &password).await.succeeded().json());
        let next = format!("{NEW} {n}");
        ada.change_password(&app, &password, &next).await.succeeded();
        assert_eq!(ada.get(&app, "/user").await.status, 200);
        other.has_ended(&app).await;
        password = next;
    }
    ada.goes_on(&app).await;
}

/// Between the two changes anybody may have had the account.
#[tokio::test]
async fn setting_the_same_hash_again_is_no_change_and_going_back_to_an_older_one_is() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let hash: String = app.database.value("SELECT password_hash FROM edgegate.users").await;
    app.database.change(&format!("UPDATE edgegate.users SET password_hash = '{hash}'")).await;
    assert_eq!(ada.get(&app, "/user").await.status, 200);
    app.database.change("UPDATE edgegate.users SET password_hash = NULL").await;
    app.database.change(&format!("UPDATE edgegate.users SET password_hash = '{hash}'")).await;
    ada.is_refused(&app).await;
    Client::another(&app, ADA).await.goes_on(&app).await;
}

/// Another hash of the same password is no change of it.
#[tokio::test]
async fn a_hash_that_is_replaced_at_sign_in_ends_nothing() {
    let app = TestApp::start().await;
    let ada = Client::new(&app, ADA).await;
    let hash = "SELECT password_hash FROM edgegate.users";
    let before: String = app.database.value(hash).await;
    let argon2 = app.redeployed(&[("PASSWORD_HASH", "argon2id")]);
    let later = Client::of(&argon2.sign_in(ADA, PASSWORD).await.succeeded().json());
    assert_ne!(app.database.value::<String>(hash).await, before, "it was replaced");
    ada.goes_on(&app).await;
    later.goes_on(&app).await;
    // From then on a change ends them like any other.
    app.database.change(BY_HAND[1]).await;
    ada.is_refused(&app).await;
    later.is_refused(&app).await;
}

/// Confirming by the page that sets a password signs in under it.
#[tokio::test]
async fn a_session_that_is_opened_together_with_a_password_goes_on() {
    let app = TestApp::start().await;
    let link = app.sign_up(ADA).await;
    let fields = [("token", link.token.as_str()), ("type", "signup"), ("password", NEW), ("password_is", "new")];
    let answer = app.submit("/verify/confirm", &fields).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let sessions: i64 = app
        .database
        .value(
            "SELECT count(*) FROM edgegate.sessions s JOIN edgegate.users u ON u.id = s.user_id
            WHERE s.revoked_at IS NULL AND s.password_version = u.password_version AND u.password_version = 1",
        )
        .await;
    assert_eq!(sessions, 1);
}
