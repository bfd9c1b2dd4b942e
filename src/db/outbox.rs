//! Statements on queued mail: taking what is due, and recording what became of it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use super::{Connection, Error};

/// A message taken from the queue. Nobody else takes it before `next_attempt_at`.
#[derive(Deserialize)]
pub struct Taken {
    /// Row and idempotency key.
    pub id: Uuid,
    /// Stored address.
    pub recipient: String,
    /// `en` or `ru`.
    pub locale: String,
    /// Sealed message, hex as PostgreSQL writes it.
    pub sealed: String,
    /// How often sending was begun, this time included.
    pub attempts: i32,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When its link dies.
    pub expires_at: DateTime<Utc>,
}

const TAKE_DUE: &str = "
    WITH due AS MATERIALIZED (
        SELECT id
        FROM edgegate.outbox
        WHERE next_attempt_at <= $1
        ORDER BY next_attempt_at
        LIMIT $3
        FOR UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE edgegate.outbox o SET
            attempts = o.attempts + 1,
            next_attempt_at = $2
        FROM due
        WHERE o.id = due.id
        RETURNING o.id, o.recipient, o.locale, encode(o.sealed, 'hex') AS sealed, o.attempts, o.created_at, o.expires_at
    )
    SELECT coalesce(jsonb_agg(to_jsonb(taken)), '[]') AS messages FROM taken";

/// Takes up to `limit` messages that are due and leases them until `lease_until`. Two sweeps at once never take
/// the same one.
///
/// # Errors
/// [`Error`].
pub async fn take_due(
    db: &mut Connection<'_>,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Taken>, Error> {
    let row = db
        .only_row(TAKE_DUE, &[(&now, Type::TIMESTAMPTZ), (&lease_until, Type::TIMESTAMPTZ), (&limit, Type::INT8)])
        .await?;
    let Json(messages) = row.try_get::<_, Json<Vec<Taken>>>("messages")?;
    Ok(messages)
}

/// What became of an attempt to send a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has it.
    Sent,
    /// Try again at that time.
    Later(DateTime<Utc>),
    /// Never to be tried again.
    GivenUp,
}

const RECORD: &str = "
    UPDATE edgegate.outbox SET
        sent_at = CASE WHEN $3 = 'sent' THEN $2 END,
        failed_at = CASE WHEN $3 = 'given_up' THEN $2 END,
        next_attempt_at = CASE WHEN $3 = 'later' THEN $4 END,
        sealed = CASE WHEN $3 = 'later' THEN sealed END,
        last_error = $5
    WHERE id = $1 AND sent_at IS NULL AND failed_at IS NULL
    RETURNING id";

/// Records what became of an attempt. The secrets in a message go with it once it is sent or given up.
///
/// # Errors
/// [`Error`].
pub async fn record(
    db: &mut Connection<'_>,
    id: Uuid,
    outcome: &Outcome,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let (word, next) = match outcome {
        Outcome::Sent => ("sent", None),
        Outcome::Later(at) => ("later", Some(*at)),
        Outcome::GivenUp => ("given_up", None),
    };
    db.row(
        RECORD,
        &[
            (&id, Type::UUID),
            (&now, Type::TIMESTAMPTZ),
            (&word, Type::TEXT),
            (&next, Type::TIMESTAMPTZ),
            (&error, Type::TEXT),
        ],
    )
    .await?;
    Ok(())
}
