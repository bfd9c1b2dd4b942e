//! `POST /invite`.

use chrono::TimeDelta;
use edgegate::integrations::mail_provider::MailError;
use serde_json::json;

use super::{change, follow, id_of, invite};
use crate::support::client::no_error_was_logged;
use crate::support::{PASSWORD, TestApp};

const GRACE: &str = "grace@example.com";

#[tokio::test]
async fn an_invitation_makes_an_account_that_its_mail_signs_in_to() {
    let app = TestApp::start().await;
    let user = invite(&app, json!({ "email": GRACE, "data": { "name": "Grace" } })).await.succeeded().json();
    assert_eq!(user["user_metadata"], json!({ "name": "Grace" }));
    assert_eq!(user["invited_at"], "2026-11-22T12:00:00.000000Z");
    assert_eq!(user.get("email_confirmed_at"), None);
    let link = app.mailbox.link_to(GRACE);
    assert!(link.url.ends_with("&type=invite"), "{}", link.url);
    let session =
        app.post("/verify", json!({ "type": "invite", "email": GRACE, "token": link.code })).await.succeeded().json();
    assert_eq!(session["user"]["id"], user["id"]);
    assert_eq!(session["user"]["user_metadata"], json!({ "name": "Grace" }), "what the inviter said stays");
    assert!(session["user"]["email_confirmed_at"].is_string());
    assert_eq!(follow(&app, &json!({ "verification_type": "invite", "hashed_token": link.token })).await.status, 403);
    no_error_was_logged(&app);
}

#[tokio::test]
async fn an_invitation_works_for_a_day() {
    let app = TestApp::start().await;
    invite(&app, json!({ "email": GRACE })).await.succeeded();
    let link = app.mailbox.link_to(GRACE);
    app.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(app.get(&format!("/verify?token={}", link.token)).await.status, 200);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(app.get(&format!("/verify?token={}", link.token)).await.status, 410);
    let late = app.post("/verify", json!({ "type": "invite", "email": GRACE, "token": link.code })).await;
    assert_eq!(late.refusal(), (403, "otp_expired".to_owned()));
}

#[tokio::test]
async fn an_invitation_that_waits_is_given_up_when_its_link_dies() {
    let app = TestApp::start().await;
    let down = || MailError::Temporary { reason: "503 internal_server_error".to_owned(), retry_after: None };
    app.mailbox.fail_next([down(), down()]);
    let given_up = "SELECT count(*) FROM edgegate.outbox WHERE sealed IS NULL AND last_error = 'its link had died' AND kind = 'invite'";

    invite(&app, json!({ "email": GRACE })).await.succeeded();
    app.clock.advance(TimeDelta::seconds(1));
    let user = invite(&app, json!({ "email": GRACE })).await.succeeded();
    assert_eq!(app.database.value::<i64>(given_up).await, 1, "the older one");

    change(&app, id_of(&user), json!({ "ban_duration": "24h" })).await.succeeded();
    assert_eq!(app.database.value::<i64>(given_up).await, 2);
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert!(app.mailbox.mails().is_empty());
}

#[tokio::test]
async fn an_invitation_takes_an_address_from_somebody_who_never_confirmed_it() {
    let app = TestApp::start().await;
    let strangers = app.sign_up(GRACE).await;
    let user = invite(&app, json!({ "email": GRACE })).await.succeeded().json();
    assert_eq!(user["user_metadata"], json!({}));
    assert_eq!(app.enter_code(GRACE, &strangers.code).await.status, 403);
    assert_eq!(app.press_button(&strangers, strangers.cookie.as_deref()).await.status, 410);
    let link = app.mailbox.link_to(GRACE);
    app.post("/verify", json!({ "type": "invite", "email": GRACE, "token": link.code })).await.succeeded();
    assert_eq!(app.sign_in(GRACE, PASSWORD).await.refusal(), (400, "invalid_credentials".to_owned()));
}
