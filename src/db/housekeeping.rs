//! The statement that keeps tables from growing without limit.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;

use super::{Connection, Error};
use crate::domain::policy;

const SWEEP: &str = "
    WITH attempts AS (
        DELETE FROM edgegate.attempts WHERE key IN (
            SELECT key FROM edgegate.attempts WHERE last_at < $1 AND blocked_until < $1 LIMIT $4 FOR UPDATE SKIP LOCKED
        ) RETURNING 1
    ), mails AS (
        DELETE FROM edgegate.outbox WHERE id IN (
            SELECT id FROM edgegate.outbox WHERE next_attempt_at IS NULL AND created_at < $2 LIMIT $4 FOR UPDATE SKIP LOCKED
        ) RETURNING 1
    ), sessions AS (
        DELETE FROM edgegate.sessions WHERE id IN (
            SELECT id FROM edgegate.sessions WHERE expires_at < $3 LIMIT $4 FOR UPDATE SKIP LOCKED
        ) RETURNING 1
    )
    SELECT (SELECT count(*) FROM attempts) + (SELECT count(*) FROM mails) + (SELECT count(*) FROM sessions) AS removed";

/// Removes what nobody needs any more, a bounded number of rows at a time: counters of forgotten streaks, mails long
/// sent or given up, sessions long over. Returns how many rows went.
///
/// # Errors
/// [`Error`].
pub async fn sweep(db: &mut Connection<'_>, now: DateTime<Utc>) -> Result<i64, Error> {
    let row = db
        .only_row(
            SWEEP,
            &[
                (&(now - policy::ATTEMPTS_KEPT), Type::TIMESTAMPTZ),
                (&(now - policy::FINISHED_MAIL_KEPT), Type::TIMESTAMPTZ),
                (&(now - policy::ENDED_SESSION_KEPT), Type::TIMESTAMPTZ),
                (&policy::HOUSEKEEPING_BATCH, Type::INT8),
            ],
        )
        .await?;
    Ok(row.try_get("removed")?)
}
