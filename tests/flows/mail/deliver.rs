//! Mirrors `src/flows/mail/deliver.rs`: queued mail leaves once, whatever fails.
//! `failures` has the provider's and the Worker's, `dead_letters` what was given up, `soak`
//! everything at once by chance, `housekeeping` what is removed when.

mod dead_letters;
mod failures;
mod housekeeping;
mod soak;

use chrono::{DateTime, TimeDelta, Utc};
use edgegate::host::Clock;
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{PASSWORD, TestApp};

const ADA: &str = "ada@example.com";

/// Signs up without letting anything be sent.
async fn queued() -> TestApp {
    let app = TestApp::start().await;
    queue(&app, ADA).await;
    app
}

pub async fn queue(app: &TestApp, address: &str) {
    let body = json!({ "email": address, "password": PASSWORD });
    app.post("/signup", body).send_only().await.succeeded();
}

/// `sent`, `given up` or when it is due, and how often it was tried.
async fn state(app: &TestApp) -> (String, i32) {
    let client = app.database.inspect().await;
    let row = client
        .query_one("SELECT sent_at, failed_at, next_attempt_at, sealed, attempts, expires_at FROM edgegate.outbox", &[])
        .await
        .expect("one mail");
    let time = |column: &str| row.get::<_, Option<DateTime<Utc>>>(column);
    let sealed = row.get::<_, Option<Vec<u8>>>("sealed");
    let state = match (time("sent_at"), time("failed_at"), time("next_attempt_at")) {
        (Some(_), None, None) => "sent".to_owned(),
        (None, Some(_), None) => "given up".to_owned(),
        (None, None, Some(at)) => format!("due at {}", at.format("%H:%M:%S")),
        other => panic!("{other:?}"),
    };
    let can_be_sent = time("sent_at").is_none() && row.get::<_, DateTime<Utc>>("expires_at") > app.clock.now();
    assert_eq!(sealed.is_some(), can_be_sent, "secrets are kept as long as they are needed");
    (state, row.get("attempts"))
}

#[tokio::test]
async fn a_mail_is_queued_with_the_account_and_sent_after_the_answer() {
    let app = queued().await;
    assert!(app.mailbox.mails().is_empty());
    assert_eq!(state(&app).await, ("due at 12:05:00".to_owned(), 1), "leased for the attempt at hand");
    app.settle().await;
    assert_eq!(app.mailbox.mails().len(), 1);
    assert_eq!(state(&app).await, ("sent".to_owned(), 1));
    let event = app.log.newest("mail_sent");
    assert_eq!((&event["mail.kind"], &event["mail.attempts"]), (&json!("confirm_signup"), &json!(1)));
    assert_eq!(event["mail.id"], app.mailbox.mails()[0].idempotency_key);
}

#[tokio::test]
async fn what_waits_in_the_queue_is_sealed() {
    let app = queued().await;
    let sealed: Vec<u8> = app.database.value("SELECT sealed FROM edgegate.outbox").await;
    app.settle().await;
    let link = app.mailbox.link_to(ADA);
    for secret in [link.token.as_str(), &link.code, "https://", ADA, "confirm_signup"] {
        assert!(!sealed.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret}");
    }
}

#[tokio::test]
async fn the_sweep_leaves_alone_what_is_being_sent() {
    let app = queued().await;
    app.clock.advance(TimeDelta::minutes(5) - TimeDelta::seconds(1));
    app.sweep().await;
    assert!(app.mailbox.mails().is_empty());
    app.settle().await;
    assert_eq!(app.mailbox.mails().len(), 1);
}

#[tokio::test]
async fn a_sweep_with_nothing_to_do_says_and_does_nothing() {
    let app = TestApp::start().await;
    app.sign_up(ADA).await;
    // The number in cache_probe rises with each run.
    let before = app.database.contents_besides("cache_probe").await;
    let lines = app.log.lines().len();
    app.sweep().await;
    assert_eq!(app.database.contents_besides("cache_probe").await, before);
    assert_eq!((app.log.lines().len(), app.mailbox.mails().len()), (lines, 1));
}

#[tokio::test]
async fn two_sweeps_at_once_send_each_mail_once() {
    let app = TestApp::start().await;
    app.lose_background_work();
    for n in 0..30 {
        queue(&app, &format!("ada{n}@example.com")).await;
    }
    app.clock.advance(TimeDelta::minutes(5));
    join_all([app.sweep(), app.sweep(), app.sweep()]).await;
    let mut recipients: Vec<String> = app.mailbox.mails().into_iter().map(|mail| mail.to).collect();
    recipients.sort();
    recipients.dedup();
    assert_eq!((recipients.len(), app.mailbox.mails().len()), (30, 30));
    assert_eq!(app.database.value::<i32>("SELECT max(attempts) FROM edgegate.outbox").await, 2);
}

#[tokio::test]
async fn a_mail_whose_link_has_died_is_not_sent() {
    let app = queued().await;
    app.clock.advance(TimeDelta::hours(24));
    app.sweep().await;
    assert!(app.mailbox.mails().is_empty());
    assert_eq!(state(&app).await.0, "given up");
    assert_eq!(app.log.newest("mail_dead_lettered")["error.cause"], "its link had died");
}

#[tokio::test]
async fn a_mail_goes_with_its_account() {
    let app = queued().await;
    app.database.change("DELETE FROM edgegate.users").await;
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert!(app.mailbox.mails().is_empty());
}

#[tokio::test]
async fn a_mail_that_a_lost_secret_sealed_waits_for_the_secret() {
    let app = queued().await;
    app.clock.advance(TimeDelta::minutes(5));
    let other = app.redeployed(&[("AUTH_SECRET", "c2Vjb25kLXNlY3JldC1vbmx5LWZvci10ZXN0cy00NTY3")]);
    other.sweep().await;
    assert!(app.mailbox.mails().is_empty());
    assert!(
        other.log.newest("mail_not_opened")["error.cause"].as_str().is_some_and(|cause| cause.contains("AUTH_SECRET"))
    );
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 1);
}

#[tokio::test]
async fn a_sealed_mail_moved_to_another_row_cannot_be_opened() {
    let app = TestApp::start().await;
    app.lose_background_work();
    queue(&app, ADA).await;
    queue(&app, "eve@example.com").await;
    app.database
        .change("UPDATE edgegate.outbox SET sealed = (SELECT sealed FROM edgegate.outbox WHERE recipient = 'ada@example.com') WHERE recipient = 'eve@example.com'")
        .await;
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 1);
    assert_eq!(app.mailbox.mails()[0].to, ADA);
}
