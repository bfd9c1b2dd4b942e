//! What was given up: kept while its link lives, queued again by an operator (`dev/mail_queue.mjs`
//! does it by the same change), wiped afterwards. And what is never sent, because its address
//! bounced or complained.

use chrono::TimeDelta;
use edgegate::integrations::mail_provider::MailError;

use crate::flows::mail::deliver::{ADA, queue, queued, state};
use crate::support::TestApp;

/// As `npm run mail -- requeue` does it.
const REQUEUE: &str = "UPDATE edgegate.outbox SET failed_at = NULL, next_attempt_at = '2026-11-22 12:00Z'
    WHERE failed_at IS NOT NULL AND sealed IS NOT NULL";
const SUPPRESS: &str = "INSERT INTO edgegate.mail_suppressions (email_key, reason, provider, happened_at, created_at)
    VALUES ('ada@example.com', 'bounced', 'resend', '2026-11-20', '2026-11-20')";
const ALLOW: &str = "DELETE FROM edgegate.mail_suppressions";

async fn refused() -> TestApp {
    let app = TestApp::start().await;
    app.mailbox.fail_next([MailError::Permanent { reason: "422 validation_error".to_owned() }]);
    queue(&app, ADA).await;
    app.settle().await;
    assert_eq!(state(&app).await, ("given up".to_owned(), 1));
    app
}

async fn last_error(app: &TestApp) -> String {
    app.database.value("SELECT last_error FROM edgegate.outbox").await
}

#[tokio::test]
async fn a_mail_that_was_given_up_is_sent_once_it_is_queued_again() {
    let app = refused().await;
    app.clock.advance(TimeDelta::hours(3));
    app.sweep().await;
    assert!(app.mailbox.mails().is_empty(), "not by itself");
    assert_eq!(app.database.change(REQUEUE).await, 1);
    app.sweep().await;
    assert_eq!(state(&app).await, ("sent".to_owned(), 2));
    app.enter_code(ADA, &app.mailbox.link_to(ADA).code).await.succeeded();
    assert_eq!(app.database.change(REQUEUE).await, 0, "what was sent keeps nothing to send");
}

#[tokio::test]
async fn its_text_is_wiped_when_its_link_dies() {
    let app = refused().await;
    app.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.value::<i64>("SELECT count(sealed) FROM edgegate.outbox").await, 1);
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.database.value::<i64>("SELECT count(sealed) FROM edgegate.outbox").await, 0);
    assert_eq!(last_error(&app).await, "422 validation_error", "why it was given up is still to be read");
}

#[tokio::test]
async fn queued_again_too_late_it_is_not_sent() {
    let app = refused().await;
    app.clock.advance(TimeDelta::hours(24));
    assert_eq!(app.database.change(REQUEUE).await, 1, "before any sweep has wiped it");
    app.sweep().await;
    assert!(app.mailbox.mails().is_empty());
    assert_eq!(state(&app).await.0, "given up");
    assert_eq!(last_error(&app).await, "its link had died");
}

#[tokio::test]
async fn to_a_suppressed_address_nothing_is_sent_and_the_row_says_why() {
    let app = TestApp::start().await;
    app.database.change(SUPPRESS).await;
    queue(&app, "Ada@Example.com").await;
    app.settle().await;
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert_eq!(app.mailbox.attempts(), 0);
    assert_eq!(state(&app).await, ("given up".to_owned(), 0));
    assert_eq!(last_error(&app).await, "suppressed: bounced");
    app.database.change(ALLOW).await;
    app.database.change(REQUEUE).await;
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 1, "allowed and queued again it arrives");
}

#[tokio::test]
async fn an_address_suppressed_while_its_mail_waits_gets_nothing() {
    let app = queued().await;
    app.kill_before_sending();
    app.database.change(SUPPRESS).await;
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert_eq!(app.mailbox.attempts(), 0);
    assert_eq!(state(&app).await.0, "given up");
    assert_eq!(last_error(&app).await, "suppressed: bounced");
    assert_eq!(app.log.newest("mail_suppressed")["error.cause"], "suppressed: bounced");
}

#[tokio::test]
async fn what_waits_is_dropped_once_its_link_is_of_no_use_any_more() {
    let app = TestApp::with(&[("SIGN_IN_BY_EMAIL", "true")]).await;
    app.mailbox.fail_next([MailError::Temporary { reason: "500".to_owned(), retry_after: None }]);
    queue(&app, ADA).await;
    app.settle().await;
    assert!(app.mailbox.mails().is_empty());
    app.post("/otp", serde_json::json!({ "email": ADA })).await.succeeded();
    let code = app.mailbox.link_to(ADA).code;
    app.post("/verify", serde_json::json!({ "type": "email", "token": code, "email": ADA })).await.succeeded();
    app.clock.advance(TimeDelta::hours(1));
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 1, "the sign-in only");
    assert_eq!(app.database.change(REQUEUE).await, 0);
}

#[tokio::test]
async fn what_was_given_up_cannot_be_queued_again_once_its_link_is_replaced_or_ended() {
    let app = TestApp::start().await;
    let session = app.signed_in(ADA).await;
    app.mailbox.fail_next([MailError::Permanent { reason: "422".to_owned() }]);
    app.post("/recover", serde_json::json!({ "email": ADA })).await.succeeded();
    let body =
        serde_json::json!({ "password": "another horse battery staple", "current_password": crate::support::PASSWORD });
    let put = app.call(axum::http::Method::PUT, "/auth/v1/user").header("content-type", "application/json");
    let access = session["access_token"].as_str().expect("a token");
    put.bearer(access).body(body.to_string()).await.succeeded();
    assert_eq!(app.database.change(REQUEUE).await, 0, "a new password ended it");
    let reason = "SELECT last_error FROM edgegate.outbox WHERE kind = 'recovery'";
    assert_eq!(app.database.value::<String>(reason).await, "422", "why it was given up is still told");
    app.clock.advance(TimeDelta::minutes(1));
    app.mailbox.fail_next([MailError::Permanent { reason: "422".to_owned() }]);
    app.post("/recover", serde_json::json!({ "email": ADA })).await.succeeded();
    app.clock.advance(TimeDelta::minutes(1));
    app.post("/recover", serde_json::json!({ "email": ADA })).await.succeeded();
    assert_eq!(app.database.change(REQUEUE).await, 0, "a newer one replaced it");
}
