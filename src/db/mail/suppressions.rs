//! The statement that keeps an address from being mailed again.
//! Not here: asking whether one is, which the statements do that queue and take mail.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::db::{Connection, Error};
use crate::domain::mail::mail_event::{Detail, MailEvent};

const SUPPRESS: &str = "
    WITH reported AS MATERIALIZED (
        -- One row for each address: the strongest cause, the earliest report of it. In the order of the addresses, so that
        -- two calls at once do not wait for each other.
        SELECT DISTINCT ON (r.email_key) r.email_key, r.reason, r.detail, r.happened_at, r.audit_id
        FROM unnest($1, $2, $3, $4, $5) AS r (email_key, reason, detail, happened_at, audit_id)
        ORDER BY r.email_key, array_position(ARRAY['complained', 'bounced', 'refused'], r.reason), r.happened_at
    ), suppressed AS (
        INSERT INTO edgegate.mail_suppressions AS s (email_key, reason, detail, provider, happened_at, created_at)
        SELECT r.email_key, r.reason, r.detail, $6, r.happened_at, $7 FROM reported r ORDER BY r.email_key
        ON CONFLICT (email_key) DO UPDATE SET
            reason = excluded.reason,
            detail = excluded.detail,
            provider = excluded.provider,
            happened_at = excluded.happened_at,
            created_at = excluded.created_at
        WHERE array_position(ARRAY['complained', 'bounced', 'refused'], excluded.reason)
                < array_position(ARRAY['complained', 'bounced', 'refused'], s.reason)
            -- Or this very statement, sent again.
            OR (s.created_at, s.reason, s.happened_at) = (excluded.created_at, excluded.reason, excluded.happened_at)
        RETURNING s.email_key
    ), audit AS MATERIALIZED (
        SELECT edgegate.record_event(jsonb_build_object('audit_id', r.audit_id), u.id, 'mail_suppressed', $7)
        FROM suppressed s
        JOIN reported r ON r.email_key = s.email_key
        JOIN edgegate.users u ON u.email_key = s.email_key
    )
    SELECT
        count(*) AS count,
        (SELECT count(*) FROM audit) AS recorded
    FROM suppressed";

/// Keeps the addresses of `events` from being mailed again; each event comes with the id of its
/// audit record, should the address have an account. What is known of an address already stays,
/// unless a stronger cause comes. Returns how many addresses this is news of.
///
/// # Errors
/// [`Error`].
pub async fn suppress(
    db: &mut Connection<'_>,
    provider: &str,
    events: &[(Uuid, MailEvent)],
    now: DateTime<Utc>,
) -> Result<i64, Error> {
    let mut keys = Vec::with_capacity(events.len());
    let mut reasons = Vec::with_capacity(events.len());
    let mut details = Vec::with_capacity(events.len());
    let mut times = Vec::with_capacity(events.len());
    let mut audit_ids = Vec::with_capacity(events.len());
    for (audit_id, event) in events {
        keys.push(event.address.key());
        reasons.push(event.cause.as_str());
        details.push(event.detail.as_ref().map(Detail::as_str));
        times.push(event.happened_at);
        audit_ids.push(*audit_id);
    }
    let row = db
        .only_row(
            SUPPRESS,
            &[
                (&keys, Type::TEXT_ARRAY),
                (&reasons, Type::TEXT_ARRAY),
                (&details, Type::TEXT_ARRAY),
                (&times, Type::TIMESTAMPTZ_ARRAY),
                (&audit_ids, Type::UUID_ARRAY),
                (&provider, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(row.try_get("count")?)
}
