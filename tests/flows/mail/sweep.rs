//! Mirrors `src/flows/mail/sweep.rs`: many messages and many sweeps. An outage is made up for, in
//! order of age; nobody is hammered; nobody sends twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use edgegate::domain::policy;
use edgegate::integrations::mail_provider::MailError;
use futures_util::future::{join, join_all};

use crate::flows::mail::deliver::queue;
use crate::support::TestApp;

fn down() -> MailError {
    MailError::Temporary { reason: "503 internal_server_error".to_owned(), retry_after: None }
}

fn busy(seconds: u32) -> MailError {
    MailError::Temporary { reason: "429 rate_limit_exceeded".to_owned(), retry_after: Some(seconds) }
}

fn address(n: usize) -> String {
    format!("ada{n:03}@example.com")
}

/// Messages queued a second apart by Workers that were killed before they sent any; all are due.
async fn due(count: usize) -> TestApp {
    let app = TestApp::with(&[("MAILS_PER_NETWORK_HOUR", "0")]).await;
    app.lose_background_work();
    for n in 0..count {
        queue(&app, &address(n)).await;
        app.clock.advance(TimeDelta::seconds(1));
    }
    app.clock.advance(policy::MAIL_LEASE);
    app
}

fn recipients(app: &TestApp) -> Vec<String> {
    app.mailbox.mails().into_iter().map(|mail| mail.to).collect()
}

fn addresses(count: usize) -> Vec<String> {
    (0..count).map(address).collect()
}

async fn unsent(app: &TestApp) -> i64 {
    app.database.value("SELECT count(*) FROM edgegate.outbox WHERE sent_at IS NULL").await
}

/// Lets others work until `condition` holds.
async fn eventually(condition: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("it did not come to that");
}

#[tokio::test]
async fn one_sweep_sends_all_that_is_due_the_oldest_first() {
    let app = due(120).await;
    app.sweep().await;
    assert_eq!(recipients(&app), addresses(120));
    assert_eq!((unsent(&app).await, &app.log.newest("cron_run")["mail.count"]), (0, &serde_json::json!(120)));
}

#[tokio::test]
async fn a_batch_costs_two_statements_however_many_mails_it_has() {
    let statements = |count: usize| async move {
        let app = due(count).await;
        let before = app.database.traffic().1;
        app.sweep().await;
        assert_eq!(app.mailbox.mails().len(), count);
        app.database.traffic().1 - before
    };
    assert_eq!(statements(1).await, statements(49).await);
    assert_eq!(statements(99).await, statements(49).await + 2);
}

#[tokio::test]
async fn no_more_mails_are_on_their_way_at_once_than_a_worker_may_have_connections() {
    let app = due(12).await;
    app.mailbox.hang();
    let observed = async {
        eventually(|| app.mailbox.attempts() >= 5).await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert_eq!(app.mailbox.attempts(), 5);
        app.mailbox.answer_again();
        app.clock.advance(TimeDelta::seconds(10));
    };
    join(app.sweep(), observed).await;
    assert_eq!(app.mailbox.attempts(), 12);
}

#[tokio::test]
async fn after_an_hour_without_a_provider_all_mails_arrive_once_each() {
    let app = due(60).await;
    app.mailbox.fail_next((0..10_000).map(|_| down()));
    for _ in 0..60 {
        app.sweep().await;
        app.clock.advance(TimeDelta::minutes(1));
    }
    assert!(recipients(&app).is_empty());
    app.mailbox.recover();
    app.clock.advance(policy::MAIL_MAX_RETRY * 2);
    app.sweep().await;
    assert_eq!(recipients(&app), addresses(60));
    assert_eq!(unsent(&app).await, 0);
}

/// What is not tried waits no longer for it, and keeps its turn.
#[tokio::test]
async fn a_provider_that_is_down_is_asked_for_one_batch_a_run() {
    let app = due(120).await;
    app.mailbox.fail_next((0..50).map(|_| down()));
    app.sweep().await;
    assert_eq!(app.mailbox.attempts(), 50);
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(recipients(&app), addresses(120)[50..]);
    assert_eq!(app.database.value::<i64>("SELECT count(*) FROM edgegate.outbox WHERE attempts = 2").await, 120);
}

#[tokio::test]
async fn a_slow_provider_does_not_hold_a_run_beyond_its_time_and_what_was_not_begun_stays_due() {
    let app = due(60).await;
    let clock = app.clock.clone();
    app.mailbox.when_asked(move |_| clock.advance(TimeDelta::seconds(2)));
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 17, "five begun at 0 seconds, and one each at 2, 4, … and 24");
    let untouched = "SELECT count(*) FROM edgegate.outbox WHERE attempts = 1 AND sent_at IS NULL";
    assert_eq!(app.database.value::<i64>(untouched).await, 43);
    for _ in 0..4 {
        app.sweep().await;
    }
    assert_eq!(recipients(&app), addresses(60));
}

#[tokio::test]
async fn a_provider_that_never_answers_costs_a_run_ten_seconds_for_each_five_and_loses_none() {
    let app = due(30).await;
    app.mailbox.hang();
    let pass = async {
        for asked in [5, 10, 15] {
            eventually(|| app.mailbox.attempts() == asked).await;
            app.clock.advance(TimeDelta::seconds(10));
        }
    };
    join(app.sweep(), pass).await;
    assert_eq!(app.log.newest("mail_delayed")["error.cause"], "the provider took too long");
    app.mailbox.answer_again();
    app.clock.advance(TimeDelta::minutes(2));
    app.sweep().await;
    assert_eq!((unsent(&app).await, app.mailbox.mails().len()), (0, 30));
}

#[tokio::test]
async fn told_to_come_back_in_a_moment_the_run_waits_and_goes_on() {
    let app = due(30).await;
    app.mailbox.fail_next([busy(3)]);
    let pass = async {
        eventually(|| app.log.text().contains("mail_paused")).await;
        assert_eq!(app.mailbox.attempts(), 5, "what had been begun");
        app.clock.advance(TimeDelta::milliseconds(2_999));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert_eq!(app.mailbox.attempts(), 5, "not a moment earlier");
        app.clock.advance(TimeDelta::milliseconds(1));
    };
    join(app.sweep(), pass).await;
    assert_eq!(recipients(&app), addresses(30)[1..], "the refused one has a wait of its own");
    app.clock.advance(TimeDelta::minutes(2));
    app.sweep().await;
    assert_eq!(unsent(&app).await, 0);
}

#[tokio::test]
async fn told_to_come_back_later_every_sweep_and_every_new_mail_waits_for_that() {
    let app = due(30).await;
    app.mailbox.fail_next([busy(600)]);
    app.sweep().await;
    assert_eq!(app.mailbox.attempts(), 5);
    assert_eq!(app.log.newest("mail_paused")["level"], "warn");
    let elsewhere = app.elsewhere();
    queue(&elsewhere, "new@example.com").await;
    elsewhere.settle().await;
    for _ in 0..9 {
        app.clock.advance(TimeDelta::minutes(1));
        join(app.sweep(), elsewhere.sweep()).await;
    }
    assert_eq!(app.mailbox.attempts(), 5);
    let never_tried = "SELECT attempts FROM edgegate.outbox WHERE recipient = 'new@example.com'";
    assert_eq!(app.database.value::<i32>(never_tried).await, 0);
    app.clock.advance(TimeDelta::minutes(1));
    app.sweep().await;
    assert_eq!((unsent(&app).await, app.mailbox.mails().len()), (0, 31));
}

#[tokio::test]
async fn told_to_come_back_next_year_the_provider_is_asked_again_after_an_hour() {
    let app = due(10).await;
    app.mailbox.fail_next([busy(u32::MAX)]);
    app.sweep().await;
    app.clock.advance(policy::MAIL_PAUSE_MAX);
    app.sweep().await;
    assert_eq!((unsent(&app).await, app.mailbox.mails().len()), (0, 10));
}

#[tokio::test]
async fn one_bad_address_is_given_up_and_the_others_arrive() {
    let app = due(10).await;
    app.mailbox.fail_next([MailError::Permanent { reason: "422 validation_error".to_owned() }]);
    app.sweep().await;
    assert_eq!(recipients(&app), addresses(10)[1..]);
    let given_up = "SELECT recipient || ': ' || last_error FROM edgegate.outbox WHERE failed_at IS NOT NULL";
    assert_eq!(app.database.value::<String>(given_up).await, "ada000@example.com: 422 validation_error");
}

#[tokio::test]
async fn sweeps_at_once_send_each_mail_once_and_try_it_once() {
    for sweeps in [2, 8] {
        let app = due(130).await;
        let others: Vec<TestApp> = (1..sweeps).map(|_| app.elsewhere()).collect();
        join_all(others.iter().chain([&app]).map(TestApp::sweep)).await;
        app.sweep().await;
        let mut sent = recipients(&app);
        sent.sort();
        assert_eq!((sent, app.mailbox.attempts()), (addresses(130), 130));
        assert_eq!(app.database.value::<i32>("SELECT max(attempts) FROM edgegate.outbox").await, 2);
    }
}

#[tokio::test]
async fn a_link_that_dies_while_its_mail_waits_in_a_batch_is_not_sent() {
    let app = due(10).await;
    app.database
        .change("UPDATE edgegate.outbox SET expires_at = next_attempt_at + interval '1 minute' WHERE recipient = 'ada007@example.com'")
        .await;
    let (clock, asked) = (app.clock.clone(), Arc::new(AtomicU32::new(0)));
    app.mailbox.when_asked(move |_| {
        if asked.fetch_add(1, Ordering::SeqCst) == 2 {
            clock.advance(TimeDelta::minutes(2));
        }
    });
    app.sweep().await;
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 9);
    assert!(app.mailbox.to("ada007@example.com").is_empty());
    let why = "SELECT last_error FROM edgegate.outbox WHERE recipient = 'ada007@example.com' AND sealed IS NULL";
    assert_eq!(app.database.value::<String>(why).await, "its link had died");
}

#[tokio::test]
async fn a_database_that_goes_away_between_taking_and_recording_loses_and_doubles_nothing() {
    let app = due(60).await;
    let (database, mut asked) = (app.database.clone(), 0);
    app.mailbox.when_asked(move |_| {
        asked += 1;
        if asked == 50 {
            database.lose_answer(0);
            database.go_down();
        }
    });
    app.sweep().await;
    assert_eq!(app.mailbox.mails().len(), 50);
    let event = app.log.newest("mail_not_recorded");
    assert_eq!((&event["level"], &event["mail.count"]), (&serde_json::json!("error"), &serde_json::json!(50)));
    app.database.come_back();
    app.clock.advance(policy::MAIL_LEASE);
    app.sweep().await;
    assert_eq!(recipients(&app), addresses(60));
    assert_eq!(unsent(&app).await, 0);
}

#[tokio::test]
async fn a_run_killed_between_taking_and_sending_leaves_all_to_the_next_once_its_lease_is_over() {
    let app = due(20).await;
    app.database.lose_answer(2); // the one that takes: whoever asked never hears
    app.sweep().await;
    assert!(recipients(&app).is_empty());
    app.clock.advance(policy::MAIL_LEASE - TimeDelta::seconds(1));
    app.sweep().await;
    assert!(recipients(&app).is_empty(), "leased");
    app.clock.advance(TimeDelta::seconds(1));
    app.sweep().await;
    assert_eq!(recipients(&app), addresses(20));
}

/// One that was thought dead and comes to itself after its lease.
#[tokio::test]
async fn a_failure_recorded_too_late_does_not_undo_what_another_run_did() {
    let app = due(1).await;
    app.mailbox.hang();
    let late = async {
        eventually(|| app.mailbox.attempts() == 1).await;
        app.mailbox.answer_again();
        app.database.change("UPDATE edgegate.outbox SET next_attempt_at = created_at").await;
        app.elsewhere().sweep().await;
        assert_eq!(unsent(&app).await, 0);
        app.clock.advance(TimeDelta::seconds(10));
    };
    join(app.sweep(), late).await;
    assert_eq!(app.log.newest("mail_delayed")["error.cause"], "the provider took too long");
    assert_eq!((unsent(&app).await, app.mailbox.mails().len()), (0, 1));
}

#[tokio::test]
async fn mails_sealed_before_auth_secret_was_rotated_are_sent_after_it() {
    let app = due(10).await;
    let old = "bm90LWEtc2VjcmV0LW9ubHktZm9yLXRlc3RzLTAxMjM";
    let rotated = app
        .redeployed(&[("AUTH_SECRET", "c2Vjb25kLXNlY3JldC1vbmx5LWZvci10ZXN0cy00NTY3"), ("AUTH_SECRET_PREVIOUS", old)]);
    rotated.sweep().await;
    assert_eq!(recipients(&app), addresses(10));
}
