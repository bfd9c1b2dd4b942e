//! Publishes revocations in Workers KV, so that those who do not ask PostgreSQL hear of them too,
//! and asks KV.
//!
//! KV is eventually consistent and may fail, so it only ever speeds up a "no": a caller that must
//! be sure asks PostgreSQL. A session that ends is noted there (`edgegate.revocations`) until KV
//! has it; what is not told at once, the Cron Trigger tells. Not here: ending sessions, which is
//! the business of statements.

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
pub enum RevocationLookupError {
    /// It would have taken too long.
    #[error("the revocation list took too long")]
    Timeout,
    /// It failed.
    #[error(transparent)]
    Failed(#[from] RevocationListError),
}

/// Whether KV lists the session as revoked. Waits for `timeout` and no longer.
///
/// # Errors
/// [`RevocationLookupError`] if KV fails or takes too long.
pub async fn is_listed(app: &App, session_id: Uuid, timeout: Duration) -> Result<bool, RevocationLookupError> {
    match select(app.revocations.contains(session_id), app.clock.sleep(timeout)).await {
        Either::Left((answer, _)) => Ok(answer?),
        Either::Right(_) => Err(RevocationLookupError::Timeout),
    }
}

/// Tells KV of sessions that have ended. What KV does not take in time, or would be more than a
/// Worker may tell at once, stays noted for the next run of the Cron Trigger.
pub async fn publish(app: &App, db: &mut Connection<'_>, mut sessions: Vec<Uuid>) {
    let remaining = sessions.len().saturating_sub(policy::REVOCATION_BATCH);
    sessions.truncate(policy::REVOCATION_BATCH);
    publish_and_record(app, db, &sessions).await;
    if remaining > 0 {
        app.log(
            Event::warn("revocation_not_published")
                .field("revocation.count", remaining)
                .field("error.cause", "too many at once: the Cron Trigger tells the rest"),
        );
    }
}

/// Tells KV of sessions and drops the notes of those that it took. Returns how many those are.
async fn publish_and_record(app: &App, db: &mut Connection<'_>, sessions: &[Uuid]) -> usize {
    let (published, problem) = try_to_publish(app, sessions).await;
    if let Some(problem) = problem {
        app.log(
            Event::error("revocation_not_published")
                .field("revocation.count", sessions.len() - published.len())
                .field("error.cause", problem),
        );
    }
    if published.is_empty() {
        return 0;
    }
    if let Err(fault) = revocations::record_published(db, &published).await {
        // The Cron Trigger tells KV again, which does no harm.
        app.log(Event::error("revocation_not_recorded").field("error.cause", fault.to_string()));
    }
    published.len()
}

/// Which of the sessions KV took in time, and the newest reason why not all.
async fn try_to_publish(app: &App, sessions: &[Uuid]) -> (Vec<Uuid>, Option<String>) {
    let mut puts = stream::iter(sessions.iter().copied())
        .map(async |session_id| (session_id, app.revocations.add(session_id, policy::REVOCATION_LIFETIME).await))
        .buffer_unordered(policy::REVOCATIONS_AT_ONCE);
    let mut deadline = app.clock.sleep(policy::REVOCATION_PUBLISH_TIMEOUT);
    let (mut published, mut problem) = (Vec::new(), None);
    loop {
        match select(puts.next(), deadline).await {
            Either::Left((None, _)) => return (published, problem),
            Either::Left((Some((session_id, answer)), left)) => {
                deadline = left;
                match answer {
                    Ok(()) => published.push(session_id),
                    Err(failure) => problem = Some(failure.to_string()),
                }
            }
            Either::Right(_) => return (published, Some("the revocation list took too long".to_owned())),
        }
    }
}

/// What the Cron Trigger does: tells KV what it could not be told at once, chunk after chunk, until
/// it knows all, takes none of a chunk, or one run has published enough. Returns how many sessions
/// KV took.
///
/// # Errors
/// [`Error`].
pub async fn sweep(app: &App, db: &mut Connection<'_>) -> Result<usize, Error> {
    let began = app.clock.now();
    // An access token may have been issued as long after the newest rotation as that is repeated.
    let since = |lifetime: TimeDelta| began - lifetime - app.config().sessions.reuse_interval;
    let (died, expired) =
        (since(policy::REVOCATION_LIFETIME), since(TimeDelta::seconds(app.config().tokens.access_token_seconds)));
    let pending = revocations::pending(db, died, expired, policy::REVOCATIONS_PER_RUN).await?;
    let mut published = 0;
    for chunk in pending.first.chunks(policy::REVOCATION_CHUNK) {
        let taken = publish_and_record(app, db, chunk).await;
        published += taken;
        if taken == 0 || app.clock.now() - began >= policy::REVOCATION_SWEEP_BUDGET {
            break;
        }
    }
    let remaining = usize::try_from(pending.count).unwrap_or(usize::MAX).saturating_sub(published);
    if remaining > 0 {
        app.log(Event::warn("revocations_waiting").field("revocation.count", remaining));
    }
    Ok(published)
}
