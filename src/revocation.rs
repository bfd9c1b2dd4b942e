//! Spreads revocations through Workers KV, so that those who do not ask PostgreSQL hear of them too, and asks KV.
//!
//! KV is eventually consistent and may fail, so it only ever speeds up a "no": whoever must be sure asks PostgreSQL. A session
//! that ends is noted there (`edgegate.revocations`) until KV has it; what is not told at once, the Cron Trigger tells.
//! Not here: ending sessions, which is the business of statements.

use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{self, StreamExt};
use uuid::Uuid;

use crate::app::App;
use crate::db::{Connection, Error, revocations};
use crate::domain::policy;
use crate::host::RevocationListError;
use crate::log::Event;

/// Whether KV lists the session as revoked. Waits for `timeout` and no longer.
///
/// # Errors
/// [`RevocationListError`] if KV fails or takes too long: then nothing is known.
pub async fn is_listed(app: &App, session_id: Uuid, timeout: Duration) -> Result<bool, RevocationListError> {
    match select(app.revocations.contains(session_id), app.clock.sleep(timeout)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(RevocationListError("took too long".to_owned())),
    }
}

/// Tells KV of sessions that have ended. What KV does not take in time stays noted for the next run of the Cron Trigger.
pub async fn spread(app: &App, db: &mut Connection<'_>, sessions: Vec<Uuid>) {
    let batch = usize::try_from(policy::REVOCATION_BATCH).unwrap_or(usize::MAX);
    let untold = sessions.len();
    let (told, problem) = tell(app, sessions.into_iter().take(batch)).await;
    if let Some(problem) = problem {
        app.log(
            Event::error("revocation_not_spread")
                .field("revocation.count", untold - told.len())
                .field("error.cause", problem),
        );
    }
    if told.is_empty() {
        return;
    }
    if let Err(fault) = revocations::record_spread(db, &told).await {
        // The Cron Trigger tells KV again, which does no harm.
        app.log(Event::error("revocation_not_recorded").field("error.cause", fault.to_string()));
    }
}

/// Which of the sessions KV took in time, and the newest reason why not all.
async fn tell(app: &App, sessions: impl Iterator<Item = Uuid>) -> (Vec<Uuid>, Option<String>) {
    let mut puts = stream::iter(sessions)
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

/// What the Cron Trigger does: tells KV what it could not be told at once. Returns how many sessions that were.
///
/// # Errors
/// [`Error`].
pub async fn sweep(app: &App, db: &mut Connection<'_>) -> Result<usize, Error> {
    // An access token may have been issued as long after the newest rotation as that is repeated.
    let tokens_died = app.clock.now() - policy::REVOCATION_LIFETIME - app.config().refresh_reuse_interval;
    let pending = revocations::pending(db, tokens_died, policy::REVOCATION_BATCH).await?;
    let count = pending.len();
    spread(app, db, pending).await;
    Ok(count)
}
