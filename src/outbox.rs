//! Delivers queued mail: at once after the response that queued it, and from the Cron Trigger whatever is due.
//!
//! A message is leased by moving its `next_attempt_at` into the future. Whoever is killed between taking and recording
//! leaves a lease that runs out; the provider's idempotency key makes the second attempt no second mail.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::app::{self, App};
use crate::db::outbox::{Outcome, Taken, record, take_due};
use crate::db::{Connection, Error};
use crate::domain::locale::Locale;
use crate::domain::mail::Message;
use crate::domain::{policy, retry, sealed};
use crate::host::{self, Mail, MailError};
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
    Ok(sealed::seal(&app.config().auth_secrets, host::random(app.entropy.as_ref()), id.as_bytes(), &plain))
}

/// Sends one message and records what became of it.
pub async fn deliver(app: &App, db: &mut Connection<'_>, delivery: &Delivery) {
    let (outcome, error) = attempt(app, delivery).await;
    let event = match &outcome {
        Outcome::Sent => Event::info("mail_sent"),
        Outcome::Later(at) => Event::warn("mail_delayed").field("mail.next_attempt_at", at.to_rfc3339()),
        Outcome::GivenUp => Event::error("mail_given_up"),
    };
    app.log(
        event
            .field("mail.id", delivery.id.to_string())
            .field("mail.kind", delivery.message.kind())
            .field("mail.attempts", delivery.attempts)
            .field("error.cause", error.clone()),
    );
    if let Err(fault) = record(db, delivery.id, &outcome, error.as_deref(), app.clock.now()).await {
        // The lease runs out and the sweep asks the provider again, under the same idempotency key.
        app.log(
            Event::error("mail_not_recorded")
                .field("mail.id", delivery.id.to_string())
                .field("error.cause", fault.to_string()),
        );
    }
}

/// One attempt: what it came to, and why not if not.
async fn attempt(app: &App, delivery: &Delivery) -> (Outcome, Option<String>) {
    if delivery.expires_at <= app.clock.now() {
        return (Outcome::GivenUp, Some("its link had died".to_owned()));
    }
    let mail = match app.parts.renderer.mail(&delivery.message, delivery.locale) {
        Ok(rendered) => Mail {
            idempotency_key: delivery.id.to_string(),
            to: delivery.recipient.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
        },
        Err(fault) => return (Outcome::GivenUp, Some(fault.to_string())),
    };
    match send_in_time(app, &mail).await {
        Ok(()) => (Outcome::Sent, None),
        Err(MailError::Permanent { reason }) => (Outcome::GivenUp, Some(reason)),
        Err(MailError::Temporary { reason, retry_after }) => (later(app, delivery, retry_after), Some(reason)),
    }
}

/// Sends, but waits for a silent provider no longer than [`policy::MAIL_PROVIDER_TIMEOUT`].
async fn send_in_time(app: &App, mail: &Mail) -> Result<(), MailError> {
    let timeout = app.clock.sleep(policy::MAIL_PROVIDER_TIMEOUT);
    match futures_util::future::select(app.mailer.send(mail), timeout).await {
        futures_util::future::Either::Left((answer, _)) => answer,
        futures_util::future::Either::Right(_) => {
            Err(MailError::Temporary { reason: "the provider took too long".to_owned(), retry_after: None })
        }
    }
}

fn later(app: &App, delivery: &Delivery, retry_after: Option<u32>) -> Outcome {
    let now = app.clock.now();
    let jitter = u16::from_be_bytes(host::random(app.entropy.as_ref()));
    let asked = retry_after.map(|seconds| now + TimeDelta::seconds(i64::from(seconds)));
    // As late as the provider asks, unless the link would be dead by then.
    let asked = asked.filter(|at| *at < delivery.expires_at);
    match retry::next_mail_attempt(delivery.attempts, delivery.created_at, now, jitter) {
        Some(at) if at < delivery.expires_at => Outcome::Later(asked.map_or(at, |asked| at.max(asked))),
        _ => Outcome::GivenUp,
    }
}

/// What the Cron Trigger does: sends what is due. Returns how many messages that were.
///
/// # Errors
/// [`Error`].
pub async fn sweep(app: &App, db: &mut Connection<'_>) -> Result<usize, Error> {
    let now = app.clock.now();
    let taken = take_due(db, now, now + policy::MAIL_LEASE, policy::MAIL_SWEEP_BATCH).await?;
    let count = taken.len();
    for message in taken {
        let (id, expires_at) = (message.id, message.expires_at);
        if let Some(delivery) = open(app, message) {
            deliver(app, db, &delivery).await;
            continue;
        }
        // Kept as long as its link lives: it can be sent once the missing secret is back.
        let why = "cannot be opened: was AUTH_SECRET replaced without AUTH_SECRET_PREVIOUS?";
        app.log(Event::error("mail_not_opened").field("mail.id", id.to_string()).field("error.cause", why));
        if expires_at <= now {
            record(db, id, &Outcome::GivenUp, Some(why), now).await?;
        }
    }
    Ok(count)
}

fn open(app: &App, taken: Taken) -> Option<Delivery> {
    let cipher = base16ct::mixed::decode_vec(&taken.sealed).ok()?;
    let plain = sealed::open(&app.config().auth_secrets, taken.id.as_bytes(), &cipher).ok()?;
    Some(Delivery {
        id: taken.id,
        recipient: taken.recipient,
        locale: app::locale(&taken.locale),
        message: serde_json::from_slice(&plain).ok()?,
        attempts: taken.attempts.unsigned_abs(),
        created_at: taken.created_at,
        expires_at: taken.expires_at,
    })
}
