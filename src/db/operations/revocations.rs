//! Statements on the notes of sessions that ended before their time and of which Workers KV does
//! not know yet.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::db::{Connection, Error};

const RECORD_PUBLISHED: &str = "
    WITH gone AS (
        DELETE FROM edgegate.revocations WHERE session_id = ANY ($1) RETURNING 1
    )
    SELECT count(*) AS count FROM gone";

/// Drops the notes of sessions that KV knows of now.
///
/// # Errors
/// [`Error`].
pub async fn record_published(db: &mut Connection<'_>, sessions: &[Uuid]) -> Result<(), Error> {
    db.only_row(RECORD_PUBLISHED, &[(&sessions, Type::UUID_ARRAY)]).await?;
    Ok(())
}

const PENDING: &str = "
    WITH stale AS (
        DELETE FROM edgegate.revocations WHERE refreshed_at <= $1
    ), pending AS (
        SELECT session_id, refreshed_at <= $2 AS is_harmless, noted_at FROM edgegate.revocations WHERE refreshed_at > $1
    ), first AS (
        SELECT session_id, is_harmless, noted_at FROM pending ORDER BY is_harmless, noted_at, session_id LIMIT $3
    )
    SELECT
        coalesce((SELECT array_agg(session_id ORDER BY is_harmless, noted_at, session_id) FROM first), '{}') AS sessions,
        (SELECT count(*) FROM pending) AS count";

/// Sessions of which KV does not know yet.
pub struct Pending {
    /// Those to tell first, at most as many as were asked for.
    pub first: Vec<Uuid>,
    /// How many there are in all.
    pub count: i64,
}

/// Up to `limit` sessions of which KV does not know yet: those that ended first come first, and
/// before all those last refreshed at `tokens_expired` or before, whose access tokens have expired
/// unless they were made to live longer than they are now. Those last refreshed at `tokens_died` or
/// before are forgotten: no access token of theirs lives any more.
///
/// # Errors
/// [`Error`].
pub async fn pending(
    db: &mut Connection<'_>,
    tokens_died: DateTime<Utc>,
    tokens_expired: DateTime<Utc>,
    limit: i64,
) -> Result<Pending, Error> {
    let row = db
        .only_row(
            PENDING,
            &[(&tokens_died, Type::TIMESTAMPTZ), (&tokens_expired, Type::TIMESTAMPTZ), (&limit, Type::INT8)],
        )
        .await?;
    Ok(Pending { first: row.try_get("sessions")?, count: row.try_get("count")? })
}
