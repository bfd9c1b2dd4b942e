//! Statements on queued mail: taking what is due, and recording what became of it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::{Connection, Error};

/// A message taken from the queue. No other Worker takes it before `next_attempt_at`.
#[derive(Deserialize)]
pub struct LeasedMail {
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
    /// Why nothing may be sent to the address, if so. Then the message was given up instead of
    /// leased.
    pub suppressed: Option<String>,
}

const TAKE_DUE: &str = "
    WITH due AS MATERIALIZED (
        SELECT o.id, 'suppressed: ' || m.reason AS suppressed
        FROM edgegate.outbox o
        LEFT JOIN edgegate.mail_suppressions m ON m.email_key = lower(o.recipient COLLATE \"C\")
        WHERE o.next_attempt_at <= $1 AND NOT EXISTS (SELECT FROM edgegate.mail_pause p WHERE p.paused_until > $1)
        ORDER BY o.created_at, o.id
        LIMIT $3
        FOR UPDATE OF o SKIP LOCKED
    ), taken AS (
        UPDATE edgegate.outbox o SET
            attempts = o.attempts + (due.suppressed IS NULL)::integer,
            next_attempt_at = CASE WHEN due.suppressed IS NULL THEN $2 END,
            failed_at = CASE WHEN due.suppressed IS NOT NULL THEN $1 END,
            last_error = coalesce(left(due.suppressed, 500), o.last_error)
        FROM due
        WHERE o.id = due.id
        RETURNING
            o.id,
            o.recipient,
            o.locale,
            encode(o.sealed, 'hex') AS sealed,
            o.attempts,
            o.created_at,
            o.expires_at,
            due.suppressed
    )
    SELECT coalesce(jsonb_agg(to_jsonb(taken) ORDER BY taken.created_at, taken.id), '[]') AS messages FROM taken";

/// Takes up to `limit` messages that are due, the oldest first, and leases them until
/// `lease_until`. Two sweeps at once never take the same one. While the provider wants to be left
/// alone there are none.
///
/// # Errors
/// [`Error`].
pub async fn take_due(
    db: &mut Connection<'_>,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<LeasedMail>, Error> {
    let row = db
        .only_row(TAKE_DUE, &[(&now, Type::TIMESTAMPTZ), (&lease_until, Type::TIMESTAMPTZ), (&limit, Type::INT8)])
        .await?;
    let Json(messages) = row.try_get::<_, Json<Vec<LeasedMail>>>("messages")?;
    Ok(messages)
}

/// What became of a message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The provider has it.
    Sent,
    /// Try again at that time.
    Later(DateTime<Utc>),
    /// Sending was not begun after all; it is due again at that time.
    Deferred(DateTime<Utc>),
    /// Not to be tried again, unless an operator queues it again.
    DeadLettered,
}

/// What to record of a message that was taken.
#[derive(Debug)]
pub struct DeliveryResult {
    /// Which.
    pub id: Uuid,
    /// The number that taking it gave to the attempt: a Worker that took it after us has a higher
    /// one.
    pub attempts: i32,
    /// What became of it.
    pub outcome: DeliveryOutcome,
    /// Why, if it was not sent.
    pub error: Option<String>,
}

const RECORD: &str = "
    WITH results AS (
        SELECT * FROM unnest($1, $2, $3, $4, $5) AS r (id, attempts, outcome, next_attempt_at, error)
    ), pause AS (
        UPDATE edgegate.mail_pause SET paused_until = $7 WHERE $7 > paused_until
    ), recorded AS (
        UPDATE edgegate.outbox o SET
            sent_at = CASE WHEN r.outcome = 'sent' THEN $6 END,
            failed_at = CASE WHEN r.outcome = 'dead_lettered' THEN $6 END,
            next_attempt_at = r.next_attempt_at,
            attempts = o.attempts - (r.outcome = 'deferred')::integer,
            sealed = CASE WHEN r.outcome IN ('retry', 'deferred') OR r.outcome = 'dead_lettered' AND o.expires_at > $6 THEN o.sealed END,
            last_error = CASE WHEN r.outcome = 'deferred' THEN o.last_error ELSE left(r.error, 500) END
        FROM results r
        WHERE o.id = r.id
            AND o.sent_at IS NULL
            -- Sent is sent, whoever learns of it. Anything else is for the one to say who has the lease.
            AND (r.outcome = 'sent' OR o.failed_at IS NULL AND o.attempts = r.attempts)
        RETURNING 1
    )
    SELECT count(*) AS recorded FROM recorded";

/// Records what became of messages that were taken, all in one statement, and until when the
/// provider wants to be left alone. The secrets in a message go once it is sent, or given up with a
/// dead link. Sent twice it changes nothing the second time.
///
/// # Errors
/// [`Error`].
pub async fn record(
    db: &mut Connection<'_>,
    results: &[DeliveryResult],
    paused_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let ids: Vec<Uuid> = results.iter().map(|one| one.id).collect();
    let attempts: Vec<i32> = results.iter().map(|one| one.attempts).collect();
    let (outcomes, times): (Vec<&str>, Vec<Option<DateTime<Utc>>>) =
        results.iter().map(|one| word_and_time(&one.outcome)).unzip();
    let errors: Vec<Option<&str>> = results.iter().map(|one| one.error.as_deref()).collect();
    db.only_row(
        RECORD,
        &[
            (&ids, Type::UUID_ARRAY),
            (&attempts, Type::INT4_ARRAY),
            (&outcomes, Type::TEXT_ARRAY),
            (&times, Type::TIMESTAMPTZ_ARRAY),
            (&errors, Type::TEXT_ARRAY),
            (&now, Type::TIMESTAMPTZ),
            (&paused_until, Type::TIMESTAMPTZ),
        ],
    )
    .await?;
    Ok(())
}

fn word_and_time(outcome: &DeliveryOutcome) -> (&'static str, Option<DateTime<Utc>>) {
    match outcome {
        DeliveryOutcome::Sent => ("sent", None),
        DeliveryOutcome::Later(at) => ("retry", Some(*at)),
        DeliveryOutcome::Deferred(at) => ("deferred", Some(*at)),
        DeliveryOutcome::DeadLettered => ("dead_lettered", None),
    }
}
