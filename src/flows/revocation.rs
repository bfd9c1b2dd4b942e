//! Spreads revocations through Workers KV, so that those who do not ask PostgreSQL hear of them
//! too, and asks KV.
//!
//! KV is eventually consistent and may fail, so it only ever speeds up a "no": whoever must be sure
//! asks PostgreSQL. A session that ends is noted there (`edgegate.revocations`) until KV has it;
//! what is not told at once, the Cron Trigger tells. Not here: ending sessions, which is the
//! business of statements.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::{Either, select};
use futures_util::stream::{self, StreamExt};
use uuid::Uuid;

use crate::app::App;
use crate::db::operations::revocations;
use crate::db::{Connection, Error};
use crate::domain::policy;
use crate::host::RevocationListError;
use crate::log::Event;

/// Why KV did not say whether a session is revoked. Then nothing is known.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// It would have taken too long.
    #[error("the revocation list took too long")]
    InTime,
    /// It failed.
    #[error(transparent)]
    AtAll(#[from] RevocationListError),
}

/// Whether KV lists the session as revoked. Waits for `timeout` and no longer.
///
/// # Errors
/// [`NoAnswer`] if KV fails or takes too long.
pub async fn is_listed(app: &App, session_id: Uuid, timeout: Duration) -> Result<bool, NoAnswer> {
    match select(app.revocations.contains(session_id), app.clock.sleep(timeout)).await {
        Either::Left((answer, _)) => Ok(answer?),
        Either::Right(_) => Err(NoAnswer::InTime),
    }
}

/// Tells KV of sessions that have ended. What KV does not take in time, or would be more than a
/// Worker may tell at once, stays noted for the next run of the Cron Trigger.
pub async fn spread(app: &App, db: &mut Connection<'_>, mut sessions: Vec<Uuid>) {
    let left_over = sessions.len().saturating_sub(policy::REVOCATION_BATCH);
    sessions.truncate(policy::REVOCATION_BATCH);
    tell_and_record(app, db, &sessions).await;
    if left_over > 0 {
        app.log(
            Event::warn("revocation_not_spread")
                .field("revocation.count", left_over)
                .field("error.cause", "too many at once: the Cron Trigger tells the rest"),
        );
    }
}

/// Tells KV of sessions and drops the notes of those that it took. Returns how many those are.
async fn tell_and_record(app: &App, db: &mut Connection<'_>, sessions: &[Uuid]) -> usize {
    let (told, problem) = tell(app, sessions).await;
    if let Some(problem) = problem {
        app.log(
            Event::error("revocation_not_spread")
                .field("revocation.count", sessions.len() - told.len())
                .field("error.cause", problem),
        );
    }
    if told.is_empty() {
        return 0;
    }
    if let Err(fault) = revocations::record_spread(db, &told).await {
        // The Cron Trigger tells KV again, which does no harm.
        app.log(Event::error("revocation_not_recorded").field("error.cause", fault.to_string()));
    }
    told.len()
}

/// Which of the sessions KV took in time, and the newest reason why not all.
async fn tell(app: &App, sessions: &[Uuid]) -> (Vec<Uuid>, Option<String>) {
    let mut puts = stream::iter(sessions.iter().copied())
        .map(async |session_id| (session_id, app.revocations.add(session_id, policy::REVOCATION_LIFETIME).await))
        .buffer_unordered(policy::REVOCATIONS_AT_ONCE);
    let mut deadline = app.clock.sleep(policy::REVOCATION_SPREAD_TIMEOUT);
    let (mut told, mut problem) = (Vec::new(), None);
    loop {
        match select(puts.next(), deadline).await {
            Either::Left((None, _)) => return (told, problem),
            Either::Left((Some((session_id, answer)), left)) => {
                deadline = left;
                match answer {
                    Ok(()) => told.push(session_id),
                    Err(failure) => problem = Some(failure.to_string()),
                }
            }
            Either::Right(_) => return (told, Some("the revocation list took too long".to_owned())),
        }
    }
}

/// What the Cron Trigger does: tells KV what it could not be told at once, lot after lot, until it
/// knows all, takes none of a lot, or one run has told enough. Returns how many sessions KV took.
///
/// # Errors
/// [`Error`].
pub async fn sweep(app: &App, db: &mut Connection<'_>) -> Result<usize, Error> {
    let began = app.clock.now();
    // An access token may have been issued as long after the newest rotation as that is repeated.
    let since = |lifetime: TimeDelta| began - lifetime - app.config().refresh_reuse_interval;
    let (died, expired) =
        (since(policy::REVOCATION_LIFETIME), since(TimeDelta::seconds(app.config().access_token_seconds)));
    let pending = revocations::pending(db, died, expired, policy::REVOCATION_SWEEP_MOST).await?;
    let mut told = 0;
    for lot in pending.first.chunks(policy::REVOCATION_LOT) {
        let taken = tell_and_record(app, db, lot).await;
        told += taken;
        if taken == 0 || app.clock.now() - began >= policy::REVOCATION_SWEEP_BUDGET {
            break;
        }
    }
    let left_over = usize::try_from(pending.count).unwrap_or(usize::MAX).saturating_sub(told);
    if left_over > 0 {
        app.log(Event::warn("revocations_waiting").field("revocation.count", left_over));
    }
    Ok(told)
}
