//! Delivers queued mail: at once after the response that queued it, and batch after batch for the
//! Cron Trigger (`sweep.rs`).
//!
//! A message is leased by moving its `next_attempt_at` into the future. A Worker killed between
//! taking and recording leaves a lease that runs out; the provider's idempotency key makes the
//! second attempt no second mail. A provider that says when to come back is left alone until then,
//! with all mail and by every Worker.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use uuid::Uuid;

use crate::app::App;
use crate::db::mail::outbox::{DeliveryOutcome, DeliveryResult, LeasedMail, record};
use crate::db::{Connection, Error};
use crate::domain::locale::Locale;
use crate::domain::mail::message::Message;
use crate::domain::mail::retry;
use crate::domain::policy;
use crate::domain::token::sealed;
use crate::host;
use crate::integrations::mail_provider::{self, Mail, MailError};
use crate::log::Event;

/// A message on its way, opened.
pub struct Delivery {
    /// Outbox row and idempotency key.
    pub id: Uuid,
    /// Stored address.
    pub recipient: String,
    /// Language.
    pub locale: Locale,
    /// What it says.
    pub message: Message,
    /// How often sending was begun, this time included.
    pub attempts: u32,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When its link dies, or it is of no use any more.
    pub expires_at: DateTime<Utc>,
}

/// Seals a message for the outbox row `id`: only that row opens it.
///
/// # Errors
/// If the message cannot be written as JSON, which none of ours can cause.
pub fn seal(app: &App, id: Uuid, message: &Message) -> Result<Vec<u8>, serde_json::Error> {
    let plain = serde_json::to_vec(message)?;
    Ok(sealed::seal(&app.config().tokens.auth_secrets, host::random(app.entropy.as_ref()), id.as_bytes(), &plain))
}

/// Opens a message of the outbox; `None` if no secret that we have does.
pub(super) fn open(app: &App, taken: LeasedMail) -> Option<Delivery> {
    let cipher = base16ct::mixed::decode_vec(&taken.sealed).ok()?;
    let plain = sealed::open(&app.config().tokens.auth_secrets, taken.id.as_bytes(), &cipher).ok()?;
    Some(Delivery {
        id: taken.id,
        recipient: taken.recipient,
        locale: Locale::from_stored(&taken.locale),
        message: serde_json::from_slice(&plain).ok()?,
        attempts: taken.attempts.unsigned_abs(),
        created_at: taken.created_at,
        expires_at: taken.expires_at,
    })
}

/// How a batch of messages may be sent, and afterwards how that went.
pub(super) struct Run {
    /// From then on nothing more is begun.
    pub(super) until: DateTime<Utc>,
    /// Messages under way at once.
    at_once: usize,
    /// Until when the provider wants to be left alone.
    pub(super) paused_until: Option<DateTime<Utc>>,
    /// Whether it accepted anything of the newest batch.
    any_sent: bool,
    /// Whether it failed with anything of it.
    any_delayed: bool,
    /// Whether some of it was not begun.
    pub(super) left_some: bool,
    /// Attempts begun in the whole run.
    pub(super) begun: usize,
}

impl Run {
    pub(super) fn until(until: DateTime<Utc>) -> Self {
        Self {
            until,
            at_once: policy::MAILS_AT_ONCE,
            paused_until: None,
            any_sent: false,
            any_delayed: false,
            left_some: false,
            begun: 0,
        }
    }

    fn may_begin(&self, now: DateTime<Utc>) -> bool {
        now < self.until && self.paused_until.is_none_or(|end| end <= now)
    }

    /// A provider that failed with all of a batch is down: the next messages need not learn that
    /// one by one, each at the cost of a longer wait. One that asks for patience is not down.
    pub(super) fn provider_is_down(&self) -> bool {
        self.any_delayed && !self.any_sent && self.paused_until.is_none()
    }

    fn note(&mut self, attempt: &Attempt) {
        self.begun += 1;
        match attempt.outcome {
            DeliveryOutcome::Sent => self.any_sent = true,
            DeliveryOutcome::Later(_) => self.any_delayed = true,
            DeliveryOutcome::Deferred(_) | DeliveryOutcome::DeadLettered => {}
        }
        if attempt.leave_alone_until.is_some() {
            self.paused_until = self.paused_until.max(attempt.leave_alone_until);
            self.at_once = 1; // five at once were too many
        }
    }
}

/// What an attempt came to.
struct Attempt {
    outcome: DeliveryOutcome,
    error: Option<String>,
    /// Until when the provider asked us to wait, if it did.
    leave_alone_until: Option<DateTime<Utc>>,
}

impl Attempt {
    fn without_asking(outcome: DeliveryOutcome, error: Option<String>) -> Self {
        Self { outcome, error, leave_alone_until: None }
    }
}

/// Sends messages that were just queued and records what became of them.
pub async fn deliver(app: &App, db: &mut Connection<'_>, mails: Vec<Delivery>) {
    let mut run = Run::until(app.clock.now() + policy::MAIL_SWEEP_BUDGET);
    // What is not recorded is asked for again by the sweep, under the same idempotency key.
    let _ = send_batch(app, db, &mut run, mails).await;
}

/// Sends messages in their order, a few at once, and records what became of all of them in one
/// statement.
///
/// # Errors
/// [`Error`] if that could not be recorded: then their leases run out.
pub(super) async fn send_batch(
    app: &App,
    db: &mut Connection<'_>,
    run: &mut Run,
    mails: Vec<Delivery>,
) -> Result<(), Error> {
    (run.any_sent, run.any_delayed) = (false, false);
    let mut results = Vec::with_capacity(mails.len());
    let mut waiting = mails.into_iter();
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < run.at_once && run.may_begin(app.clock.now()) {
            let Some(delivery) = waiting.next() else { break };
            under_way.push(async move { (attempt(app, &delivery).await, delivery) });
        }
        let Some((attempt, delivery)) = under_way.next().await else { break };
        run.note(&attempt);
        log_attempt(app, &delivery, &attempt);
        results.push(delivery.result(attempt.outcome, attempt.error));
    }
    run.left_some = waiting.len() > 0;
    let now = app.clock.now();
    let due_again = run.paused_until.map_or(now, |end| end.max(now));
    results.extend(waiting.map(|delivery| delivery.result(DeliveryOutcome::Deferred(due_again), None)));
    if results.is_empty() {
        return Ok(());
    }
    let recorded = record(db, &results, run.paused_until, now).await;
    if let Err(fault) = &recorded {
        // The leases run out and the sweep asks the provider again, under the same idempotency
        // keys.
        app.log(
            Event::error("mail_not_recorded")
                .field("mail.count", results.len())
                .field("error.cause", fault.to_string()),
        );
    }
    recorded
}

impl Delivery {
    fn result(&self, outcome: DeliveryOutcome, error: Option<String>) -> DeliveryResult {
        DeliveryResult { id: self.id, attempts: i32::try_from(self.attempts).unwrap_or(i32::MAX), outcome, error }
    }
}

fn log_attempt(app: &App, delivery: &Delivery, attempt: &Attempt) {
    let event = match &attempt.outcome {
        DeliveryOutcome::Sent => Event::info("mail_sent"),
        DeliveryOutcome::Later(at) | DeliveryOutcome::Deferred(at) => {
            Event::warn("mail_delayed").field("mail.next_attempt_at", at.to_rfc3339())
        }
        DeliveryOutcome::DeadLettered => Event::error("mail_dead_lettered"),
    };
    app.log(
        event
            .field("mail.id", delivery.id.to_string())
            .field("mail.kind", delivery.message.kind())
            .field("mail.attempts", delivery.attempts)
            .field("error.cause", attempt.error.clone()),
    );
}

/// One attempt: what it came to, and why not if not.
async fn attempt(app: &App, delivery: &Delivery) -> Attempt {
    if delivery.expires_at <= app.clock.now() {
        return Attempt::without_asking(DeliveryOutcome::DeadLettered, Some("its link had died".to_owned()));
    }
    let mail = match app.parts.renderer.mail(&delivery.message, delivery.locale) {
        Ok(rendered) => Mail {
            idempotency_key: delivery.id.to_string(),
            to: delivery.recipient.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
        },
        Err(fault) => return Attempt::without_asking(DeliveryOutcome::DeadLettered, Some(fault.to_string())),
    };
    match send_in_time(app, &mail).await {
        Ok(()) => Attempt::without_asking(DeliveryOutcome::Sent, None),
        Err(MailError::Permanent { reason }) => Attempt::without_asking(DeliveryOutcome::DeadLettered, Some(reason)),
        Err(MailError::Temporary { reason, retry_after }) => Attempt {
            outcome: later(app, delivery, retry_after),
            error: Some(reason),
            leave_alone_until: retry_after
                .map(|seconds| app.clock.now() + TimeDelta::seconds(i64::from(seconds)).min(policy::MAIL_PAUSE_MAX)),
        },
    }
}

/// Sends, but waits for a silent provider no longer than [`policy::MAIL_PROVIDER_TIMEOUT`].
async fn send_in_time(app: &App, mail: &Mail) -> Result<(), MailError> {
    let timeout = app.clock.sleep(policy::MAIL_PROVIDER_TIMEOUT);
    let sending = mail_provider::send(app.http.as_ref(), &app.config().mail, mail);
    match select(Box::pin(sending), timeout).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => {
            Err(MailError::Temporary { reason: "the provider took too long".to_owned(), retry_after: None })
        }
    }
}

fn later(app: &App, delivery: &Delivery, retry_after: Option<u32>) -> DeliveryOutcome {
    let now = app.clock.now();
    let jitter = u16::from_be_bytes(host::random(app.entropy.as_ref()));
    let asked = retry_after.map(|seconds| now + TimeDelta::seconds(i64::from(seconds)));
    // As late as the provider asks, unless the link would be dead by then.
    let asked = asked.filter(|at| *at < delivery.expires_at);
    match retry::next_mail_attempt(delivery.attempts, delivery.created_at, now, jitter) {
        Some(at) if at < delivery.expires_at => DeliveryOutcome::Later(asked.map_or(at, |asked| at.max(asked))),
        _ => DeliveryOutcome::DeadLettered,
    }
}
