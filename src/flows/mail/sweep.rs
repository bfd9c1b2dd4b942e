//! The Cron Trigger's part in delivering mail: whatever is due, batch after batch.

use std::time::Duration;

use crate::app::App;
use crate::db::mail::outbox::{DeliveryOutcome, DeliveryResult, LeasedMail, record, take_due};
use crate::db::{Connection, Error};
use crate::domain::policy;
use crate::flows::mail::deliver::{Delivery, Run, open, send_batch};
use crate::log::Event;

/// What the Cron Trigger does: sends what is due, batch after batch, until nothing is or
/// [`policy::MAIL_SWEEP_BUDGET`] is spent, and gives up what cannot be opened once its link has
/// died. Returns how many messages it tried to send.
///
/// # Errors
/// [`Error`].
pub async fn sweep(app: &App, db: &mut Connection<'_>) -> Result<usize, Error> {
    let mut run = Run::until(app.clock.now() + policy::MAIL_SWEEP_BUDGET);
    loop {
        // A timer may be early by a hair.
        let now = app.clock.now().max(run.paused_until.unwrap_or_default());
        let taken = take_due(db, now, now + policy::MAIL_LEASE, policy::MAIL_SWEEP_BATCH).await?;
        let was_all = i64::try_from(taken.len()).is_ok_and(|taken| taken < policy::MAIL_SWEEP_BATCH);
        let mails = openable(app, db, taken).await?;
        send_batch(app, db, &mut run, mails).await?;
        if run.provider_is_down() || (was_all && !run.left_some) || !wait_while_paused(app, &run).await {
            break;
        }
    }
    Ok(run.begun)
}

/// Whether the run may go on, after the pause that the provider asked for if there is one.
async fn wait_while_paused(app: &App, run: &Run) -> bool {
    let now = app.clock.now();
    let Some(end) = run.paused_until.filter(|end| *end > now) else { return now < run.until };
    app.log(Event::warn("mail_paused").field("mail.paused_until", end.to_rfc3339()));
    let wait = (end - now).to_std().unwrap_or(Duration::ZERO);
    if end < run.until {
        app.clock.sleep(wait).await;
    }
    end < run.until
}

/// Opens what was taken. What cannot be opened is kept as long as its link lives: it can be sent
/// once the missing secret is back.
async fn openable(app: &App, db: &mut Connection<'_>, taken: Vec<LeasedMail>) -> Result<Vec<Delivery>, Error> {
    let now = app.clock.now();
    let (mut mails, mut given_up) = (Vec::with_capacity(taken.len()), Vec::new());
    for message in taken {
        let (id, attempts, expires_at) = (message.id, message.attempts, message.expires_at);
        if let Some(why) = &message.suppressed {
            app.log(Event::warn("mail_suppressed").field("mail.id", id.to_string()).field("error.cause", why.as_str()));
            continue;
        }
        if let Some(delivery) = open(app, message) {
            mails.push(delivery);
            continue;
        }
        let why = "cannot be opened: was AUTH_SECRET replaced without AUTH_SECRET_PREVIOUS?";
        app.log(Event::error("mail_not_opened").field("mail.id", id.to_string()).field("error.cause", why));
        if expires_at <= now {
            given_up.push(DeliveryResult {
                id,
                attempts,
                outcome: DeliveryOutcome::DeadLettered,
                error: Some(why.to_owned()),
            });
        }
    }
    if !given_up.is_empty() {
        record(db, &given_up, None, now).await?;
    }
    Ok(mails)
}
