//! Statements on the notes of sessions that ended before their time and of which Workers KV does not know yet.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::{Connection, Error};

const SPREAD: &str = "
    WITH gone AS (
        DELETE FROM edgegate.revocations WHERE session_id = ANY ($1) RETURNING 1
    )
    SELECT count(*) AS count FROM gone";

/// Drops the notes of sessions that KV knows of now.
///
/// # Errors
/// [`Error`].
pub async fn record_spread(db: &mut Connection<'_>, sessions: &[Uuid]) -> Result<(), Error> {
    db.only_row(SPREAD, &[(&sessions, Type::UUID_ARRAY)]).await?;
    Ok(())
}

const PENDING: &str = "
    WITH stale AS (
        DELETE FROM edgegate.revocations WHERE refreshed_at <= $1
    ), pending AS (
        SELECT session_id FROM edgegate.revocations WHERE refreshed_at > $1 LIMIT $2
    )
    SELECT coalesce((SELECT array_agg(session_id) FROM pending), '{}') AS sessions";

/// Up to `limit` sessions of which KV does not know yet. Those last refreshed at `tokens_died` or before are forgotten: no
/// access token of theirs lives any more.
///
/// # Errors
/// [`Error`].
pub async fn pending(db: &mut Connection<'_>, tokens_died: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>, Error> {
    let row = db.only_row(PENDING, &[(&tokens_died, Type::TIMESTAMPTZ), (&limit, Type::INT8)]).await?;
    Ok(row.try_get("sessions")?)
}
