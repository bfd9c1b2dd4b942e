//! What fails on the way of a mail: the provider, the Worker, the database.

use chrono::TimeDelta;
use edgegate::integrations::mail_provider::MailError;
use serde_json::json;

use crate::flows::mail::deliver::{ADA, queue, queued, state};
use crate::support::TestApp;

fn down() -> MailError {
    MailError::Temporary { reason: "503 internal_server_error".to_owned(), retry_after: None }
}

fn busy(seconds: u32) -> MailError {
    MailError::Temporary { reason: "429 rate_limit_exceeded".to_owned(), retry_after: Some(seconds) }
}

/// Milliseconds from now until the mail is due, and how often it was tried.
async fn due_in(app: &TestApp) -> (i64, i32) {
    let now = edgegate::host::Clock::now(app.clock.as_ref());
    let sql = format!("SELECT (extract(epoch FROM next_attempt_at - '{now}') * 1000)::bigint FROM edgegate.outbox");
    (app.database.value(&sql).await, app.database.value("SELECT attempts FROM edgegate.outbox").await)
}

#[tokio::test]
async fn while_the_provider_is_down_attempts_come_further_and_further_apart_until_one_succeeds() {
    let app = TestApp::start().await;
    app.mailbox.fail_next((0..9).map(|_| down()));
    queue(&app, ADA).await;
    app.settle().await;
    for (n, seconds) in (1..).zip([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]) {
        let (wait, attempts) = due_in(&app).await;
        assert!((seconds * 800..=seconds * 1200).contains(&wait), "after attempt {n}: {wait}");
        assert_eq!(attempts, n);
        app.clock.advance(TimeDelta::milliseconds(wait - 1));
        app.sweep().await;
        assert_eq!(due_in(&app).await.1, n, "not before it is due");
        app.clock.advance(TimeDelta::milliseconds(1));
        app.sweep().await;
    }
    assert_eq!(state(&app).await, ("sent".to_owned(), 10));
    assert_eq!(app.mailbox.mails().len(), 1);
    let delayed = app.log.newest("mail_delayed");
    assert_eq!((&delayed["error.cause"], &delayed["mail.attempts"]), (&json!("503 internal_server_error"), &json!(9)));
    assert_eq!(delayed["level"], "warn");
    app.enter_code(ADA, &app.mailbox.link_to(ADA).code).await.succeeded();
}

#[tokio::test]
async fn what_the_provider_said_stays_in_the_row_while_it_waits() {
    let app = TestApp::start().await;
    app.mailbox.fail_next([down()]);
    queue(&app, ADA).await;
    app.settle().await;
    assert_eq!(
        app.database.value::<String>("SELECT last_error FROM edgegate.outbox").await,
        "503 internal_server_error"
    );
}

#[tokio::test]
async fn a_provider_that_stays_down_is_given_up_after_a_day_and_loudly() {
    let app = TestApp::start().await;
    app.mailbox.fail_next((0..200).map(|_| down()));
    queue(&app, ADA).await;
    app.settle().await;
    for _ in 0..25 * 6 {
        app.clock.advance(TimeDelta::minutes(10));
        app.sweep().await;
    }
    assert_eq!(state(&app).await.0, "given up");
    let event = app.log.newest("mail_dead_lettered");
    assert_eq!(event["level"], "error");
    assert!(event["mail.attempts"].as_i64().is_some_and(|attempts| attempts > 20), "{event}");
}

#[tokio::test]
async fn what_the_provider_will_never_take_is_given_up_at_once_and_loudly() {
    let app = TestApp::start().await;
    app.mailbox.fail_next([MailError::Permanent { reason: "422 validation_error".to_owned() }]);
    queue(&app, ADA).await;
    app.settle().await;
    assert_eq!(state(&app).await, ("given up".to_owned(), 1));
    let event = app.log.newest("mail_dead_lettered");
    assert_eq!((&event["error.cause"], &event["level"]), (&json!("422 validation_error"), &json!("error")));
    app.clock.advance(TimeDelta::hours(2));
    app.sweep().await;
    assert!(app.mailbox.mails().is_empty());
}

#[tokio::test]
async fn a_provider_that_says_when_to_come_back_is_left_alone_until_then() {
    let app = TestApp::start().await;
    app.mailbox.fail_next([busy(900)]);
    queue(&app, ADA).await;
    app.settle().await;
    assert_eq!(state(&app).await, ("due at 12:15:00".to_owned(), 1));
    app.clock.advance(TimeDelta::seconds(899));
    app.sweep().await;
    assert!(app.mailbox.mails().is_empty());
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 1);
}

#[tokio::test]
async fn told_to_come_back_sooner_than_the_usual_wait_the_usual_wait_counts() {
    let app = TestApp::start().await;
    app.mailbox.fail_next([busy(1)]);
    queue(&app, ADA).await;
    app.settle().await;
    assert!(due_in(&app).await.0 >= 24_000);
}

/// Nobody may park a mail until it is of no use.
#[tokio::test]
async fn told_to_come_back_when_the_link_is_dead_the_usual_wait_counts() {
    for seconds in [86_401, u32::MAX] {
        let app = TestApp::start().await;
        app.mailbox.fail_next([busy(seconds)]);
        queue(&app, ADA).await;
        app.settle().await;
        assert!(due_in(&app).await.0 <= 36_000, "{seconds}");
    }
}

#[tokio::test]
async fn a_provider_that_never_answers_is_not_waited_for() {
    let app = queued().await;
    app.mailbox.hang();
    app.clock.let_limits_run_out();
    app.settle().await;
    assert_eq!(app.log.newest("mail_delayed")["error.cause"], "the provider took too long");
    app.mailbox.answer_again();
    app.clock.advance(TimeDelta::minutes(1));
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 1, "it had been accepted, and the key is the same");
}

#[tokio::test]
async fn a_worker_killed_before_it_sends_loses_nothing() {
    let app = TestApp::start().await;
    app.lose_background_work();
    queue(&app, ADA).await;
    assert!(app.mailbox.mails().is_empty());
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 1);
    assert_eq!(state(&app).await, ("sent".to_owned(), 2));
    app.enter_code(ADA, &app.mailbox.link_to(ADA).code).await.succeeded();
}

#[tokio::test]
async fn a_worker_killed_between_sending_and_recording_sends_again_under_the_same_key_and_it_is_one_mail() {
    let app = queued().await;
    app.mailbox.hang();
    app.kill_background_work();
    assert_eq!(app.mailbox.mails().len(), 1);
    assert_eq!(state(&app).await, ("due at 12:05:00".to_owned(), 1));
    app.mailbox.answer_again();
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 1);
    assert_eq!(app.mailbox.attempts(), 2);
    assert_eq!(state(&app).await, ("sent".to_owned(), 2));
}

/// A deployment may change the wording in between; the provider has the first.
#[tokio::test]
async fn the_second_attempt_says_the_same_to_the_letter() {
    let app = queued().await;
    app.mailbox.hang();
    app.kill_background_work();
    app.mailbox.answer_again();
    app.clock.advance(TimeDelta::minutes(5));
    let later = app.redeployed(&[]);
    later.sweep().await;
    assert_eq!(app.mailbox.refused_as_different(), 0);
    assert_eq!(state(&app).await, ("sent".to_owned(), 2));
}

#[tokio::test]
async fn what_cannot_be_recorded_is_logged_and_asked_again() {
    let app = queued().await;
    app.database.lose_answer(0);
    app.database.go_down();
    app.settle().await;
    assert_eq!(app.mailbox.mails().len(), 1);
    let event = app.log.newest("mail_not_recorded");
    assert_eq!(
        (&event["level"], &event["error.cause"]),
        (&json!("error"), &json!("cannot connect to the database: connection refused"))
    );
}

#[tokio::test]
async fn a_sweep_without_a_database_says_so() {
    let app = TestApp::start().await;
    app.database.go_down();
    app.sweep().await;
    let event = app.log.newest("cron_run_failed");
    assert_eq!(
        (&event["level"], &event["error.cause"]),
        (&json!("error"), &json!("cannot connect to the database: connection refused"))
    );
}

#[tokio::test]
async fn a_sweep_whose_answer_is_lost_takes_nothing_twice_and_the_mails_leave_when_the_lease_is_over() {
    let app = TestApp::start().await;
    app.lose_background_work();
    queue(&app, ADA).await;
    app.clock.advance(TimeDelta::minutes(5));
    app.database.lose_answer(2); // the first ones are about housekeeping and revocations
    app.sweep().await;
    assert!(app.mailbox.mails().is_empty(), "taken by the first sending, of which nobody heard");
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 1);
}

#[tokio::test]
async fn one_broken_mail_does_not_hold_up_the_others() {
    let app = TestApp::start().await;
    app.lose_background_work();
    for address in ["a@example.com", "b@example.com", "c@example.com"] {
        queue(&app, address).await;
        app.clock.advance(TimeDelta::seconds(1));
    }
    app.database.change("UPDATE edgegate.outbox SET sealed = '\\x00' WHERE recipient = 'a@example.com'").await;
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 2);
}

#[tokio::test]
async fn a_mail_that_waits_is_dropped_when_a_newer_one_or_a_new_password_kills_its_link() {
    let app = TestApp::start().await;
    let token = app.signed_in(ADA).await["access_token"].as_str().expect("a token").to_owned();
    app.clock.advance(TimeDelta::minutes(1));
    app.mailbox.fail_next([down(), down()]);
    for _ in 0..2 {
        app.post("/recover", json!({ "email": ADA })).await.succeeded();
        app.clock.advance(TimeDelta::minutes(1));
    }
    let waiting = "SELECT count(*) FROM edgegate.outbox WHERE next_attempt_at IS NOT NULL";
    assert_eq!(app.database.value::<i64>(waiting).await, 1, "the newer one");
    let dropped = "SELECT last_error FROM edgegate.outbox WHERE failed_at IS NOT NULL AND sealed IS NULL";
    assert_eq!(app.database.value::<String>(dropped).await, "its link had died");

    let body = json!({ "password": "another horse battery staple", "current_password": crate::support::PASSWORD });
    let call = app.call(axum::http::Method::PUT, "/auth/v1/user").header("content-type", "application/json");
    call.bearer(&token).body(body.to_string()).await.succeeded();
    app.clock.advance(TimeDelta::minutes(5));
    app.sweep().await;
    let kinds: Vec<String> = app.mailbox.to(ADA).into_iter().map(|mail| mail.subject).collect();
    assert_eq!(kinds.len(), 2, "the confirmation and the notice of the new password: {kinds:?}");
}
