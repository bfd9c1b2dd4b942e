//! Everything that can fail, failing at random and at once: many sign-ups, a provider that fails a
//! fifth of the calls, Workers that are killed. Some of it with every run of the tests; `npm run
//! test:nightly` and `npm run soak` make it ten thousand. The draws are seeded.
//!
//! Time stands still but for the calls that the provider leaves unanswered, each of which costs the
//! whole sweep its ten seconds, and for the minutes between two runs of the Cron Trigger.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use chrono::{DateTime, TimeDelta, Utc};
use edgegate::host::{BoxFuture, Clock};
use edgegate::integrations::mail_provider::{Mail, MailError};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::json;

use crate::support::{FrozenClock, MailProvider, PASSWORD, TestApp};

/// Sign-ups in a usual run of the tests; `SOAK_SIGN_UPS` asks for another number.
const SIGN_UPS: usize = 300;

/// One in so many has also forgotten the password, and asks for a mail of another kind.
const RECOVERS_EVERY: usize = 3;

/// Between two sign-ups. A provider with these faults lets some twenty mails a minute through,
/// Workers being killed at two calls of a hundred; with more, mails would wait until their links
/// have died, and then rightly be given up.
const BETWEEN_SIGN_UPS: TimeDelta = TimeDelta::seconds(4);

/// Calls that fail in one way or another, in percent.
const FAILING_PERCENT: u32 = 20;

/// A recipient, when the first call was accepted, and how many were.
type Accepted = (String, DateTime<Utc>, u32);

/// A mail provider that remembers idempotency keys, and fails at random.
struct FaultyProvider {
    clock: Arc<FrozenClock>,
    draws: Mutex<ChaCha8Rng>,
    /// By key.
    accepted: Mutex<BTreeMap<String, Accepted>>,
    calls: Mutex<BTreeMap<&'static str, u32>>,
    /// Set when the Worker that is calling dies.
    kills: AtomicBool,
}

impl FaultyProvider {
    fn new(clock: Arc<FrozenClock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            draws: Mutex::new(ChaCha8Rng::seed_from_u64(20_261_124)),
            accepted: Mutex::default(),
            calls: Mutex::default(),
            kills: AtomicBool::new(false),
        })
    }

    fn draw(&self, below: u32) -> u32 {
        self.draws.lock().expect("unpoisoned").next_u32() % below
    }

    fn count(&self, what: &'static str) {
        *self.calls.lock().expect("unpoisoned").entry(what).or_default() += 1;
    }

    fn accept(&self, mail: &Mail) {
        let mut accepted = self.accepted.lock().expect("unpoisoned");
        let first = (mail.to.clone(), self.clock.now(), 0);
        accepted.entry(mail.idempotency_key.clone()).or_insert(first).2 += 1;
    }

    async fn answer(&self, mail: &Mail) -> Result<(), MailError> {
        let failure = |reason: &str, retry_after| Err(MailError::Temporary { reason: reason.to_owned(), retry_after });
        if self.draw(100) >= FAILING_PERCENT {
            self.count("accepted");
            self.accept(mail);
            return Ok(());
        }
        match self.draw(20) {
            0..5 => {
                self.count("refused with 500");
                failure("500 internal_server_error", None)
            }
            5..9 => {
                self.count("refused with 429");
                failure("429 rate_limit_exceeded", None)
            }
            9..13 => {
                self.count("dropped after accepting");
                self.accept(mail);
                failure("the provider did not answer", None)
            }
            13..16 => {
                self.count("dropped before accepting");
                failure("the provider did not answer", None)
            }
            16 => {
                self.count("refused with 429 and Retry-After");
                failure("429 rate_limit_exceeded", Some(60))
            }
            17 => {
                self.count("too slow, and accepted");
                self.accept(mail);
                self.clock.advance(TimeDelta::seconds(10));
                std::future::pending().await
            }
            18 => {
                self.count("Worker killed after acceptance");
                self.accept(mail);
                self.kills.store(true, Ordering::SeqCst);
                std::future::pending().await
            }
            _ => {
                self.count("Worker killed before acceptance");
                self.kills.store(true, Ordering::SeqCst);
                std::future::pending().await
            }
        }
    }

    /// Runs a Worker until it is done or killed.
    async fn until_killed(&self, worker: impl Future<Output = ()>) {
        let mut worker = pin!(worker);
        poll_fn(|context| match worker.as_mut().poll(context) {
            _ if self.kills.swap(false, Ordering::SeqCst) => Poll::Ready(()),
            polled => polled,
        })
        .await;
    }
}

impl MailProvider for FaultyProvider {
    fn take<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(self.answer(mail))
    }
}

/// The Cron Trigger of two Workers at once, neither of which may take what the other has.
async fn two_sweeps(app: &TestApp) {
    futures_util::future::join(app.sweep(), app.sweep()).await;
}

#[tokio::test]
async fn whatever_fails_every_mail_of_many_sign_ups_arrives_and_none_twice() {
    let sign_ups =
        std::env::var("SOAK_SIGN_UPS").map_or(SIGN_UPS, |count| count.parse().expect("a number of sign-ups"));
    let app = TestApp::with(&[("MAILS_PER_NETWORK_HOUR", "0"), ("MAILS_PER_HOUR", "0")]).await;
    let provider = FaultyProvider::new(app.clock.clone());
    let app = app.mailing_by(provider.clone());
    let mut sweeps = 0;

    let mut swept_at = app.clock.now();
    for n in 0..sign_ups {
        let body = json!({ "email": format!("person{n}@example.com"), "password": PASSWORD });
        app.post("/signup", body).send_only().await.succeeded();
        provider.until_killed(app.settle()).await;
        if n % RECOVERS_EVERY == 0 {
            let body = json!({ "email": format!("person{n}@example.com") });
            app.post("/recover", body).send_only().await.succeeded();
            provider.until_killed(app.settle()).await;
        }
        app.clock.advance(BETWEEN_SIGN_UPS);
        if app.clock.now() - swept_at >= TimeDelta::minutes(1) {
            swept_at = app.clock.now();
            sweeps += 1;
            provider.until_killed(two_sweeps(&app)).await;
        }
    }
    let waiting = "SELECT count(*) FROM edgegate.outbox WHERE next_attempt_at IS NOT NULL";
    let left_to_sweeps = app.database.value::<i64>(waiting).await;
    while app.database.value::<i64>(waiting).await > 0 {
        app.clock.advance(TimeDelta::minutes(1));
        sweeps += 1;
        assert!(sweeps < 5_000, "the queue does not run empty");
        provider.until_killed(two_sweeps(&app)).await;
    }

    let client = app.database.inspect().await;
    let rows = client
        .query(
            "SELECT id::text, recipient, sent_at, failed_at, expires_at, sealed IS NOT NULL FROM edgegate.outbox",
            &[],
        )
        .await
        .expect("a readable outbox");
    let accepted = provider.accepted.lock().expect("unpoisoned").clone();
    let sent = rows.iter().filter(|row| row.get::<_, Option<DateTime<Utc>>>(2).is_some()).count();
    let given_up = rows.len() - sent;
    let lost = rows.iter().filter(|row| !accepted.contains_key(row.get::<_, &str>(0))).count();
    let too_late = rows
        .iter()
        .filter(|row| {
            accepted.get(row.get::<_, &str>(0)).is_some_and(|(_, at, _)| *at >= row.get::<_, DateTime<Utc>>(4))
        })
        .count();
    let mut mails_by_recipient = BTreeMap::<&str, u32>::new();
    for (to, ..) in accepted.values() {
        *mails_by_recipient.entry(to).or_default() += 1;
    }
    let mut rows_by_recipient = BTreeMap::<&str, u32>::new();
    for row in &rows {
        *rows_by_recipient.entry(row.get::<_, &str>(1)).or_default() += 1;
    }
    let doubled = mails_by_recipient.iter().filter(|(to, mails)| rows_by_recipient.get(*to) != Some(mails)).count();
    let repeated: u32 = accepted.values().map(|(_, _, calls)| calls - 1).sum();
    let took = app.clock.now() - "2026-11-22T12:00:00Z".parse::<DateTime<Utc>>().expect("a time");
    println!(
        "soak of {sign_ups} sign-ups, {} minutes on the frozen clock, {sweeps} runs of the Cron Trigger",
        took.num_minutes()
    );
    println!("  queued {}, of which {left_to_sweeps} waited when the last sign-up was over", rows.len());
    println!("  recorded as sent {sent}, given up since the link died before the provider was heard {given_up}");
    println!(
        "  accepted by the provider under {} keys; lost {lost}; accepted after the link's death {too_late}",
        accepted.len()
    );
    println!(
        "  people with more mails than were queued {doubled}; with a provider that ignores the key there would be {repeated} mails too many"
    );
    println!("  calls: {:?}", provider.calls.lock().expect("unpoisoned"));

    let asked = sign_ups + sign_ups.div_ceil(RECOVERS_EVERY);
    assert_eq!(rows.len(), asked, "a mail was queued for each");
    assert_eq!((accepted.len(), lost, doubled, too_late), (asked, 0, 0, 0));
    // Of a mail whose acceptance was never heard of before its link died nobody knows better.
    assert!(given_up * 100 < asked, "{given_up} were accepted and yet recorded as given up");
    assert!(rows.iter().all(|row| !row.get::<_, bool>(5)), "secrets are wiped");
    assert!(repeated > 0, "some answers were lost after acceptance, or this would show nothing");
}
