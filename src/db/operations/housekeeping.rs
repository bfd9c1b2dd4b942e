//! The statement that keeps tables from growing without limit.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;

use crate::db::{Connection, Error};
use crate::domain::policy;

const SWEEP: &str = "
    WITH throttles AS (
        DELETE FROM edgegate.throttles WHERE key IN (
            SELECT key FROM edgegate.throttles WHERE last_at < $1 AND blocked_until < $1 LIMIT $4 FOR UPDATE SKIP LOCKED
        ) RETURNING 1
    ), mails AS (
        DELETE FROM edgegate.outbox WHERE id IN (
            SELECT id FROM edgegate.outbox WHERE next_attempt_at IS NULL AND created_at < $2 LIMIT $4 FOR UPDATE SKIP LOCKED
        ) RETURNING 1
    ), wiped AS (
        -- Of what was given up the text is kept only while its link lives: until then it can be queued again.
        UPDATE edgegate.outbox SET sealed = NULL WHERE id IN (
            SELECT id
            FROM edgegate.outbox
            WHERE failed_at IS NOT NULL AND sealed IS NOT NULL AND expires_at <= $7 AND created_at >= $2
            LIMIT $4
            FOR UPDATE SKIP LOCKED
        )
    ), sessions AS (
        DELETE FROM edgegate.sessions WHERE id IN (
            SELECT id FROM edgegate.sessions WHERE expires_at < $3 OR revoked_at < $3 LIMIT $4 FOR UPDATE SKIP LOCKED
        ) RETURNING id, user_id
    ), accounts AS (
        DELETE FROM edgegate.users WHERE id IN (
            SELECT id
            FROM edgegate.users
            WHERE email_confirmed_at IS NULL AND created_at < $5 AND updated_at < $5 AND last_sign_in_at IS NULL
                AND deleted_at IS NULL
            LIMIT $4
            FOR UPDATE SKIP LOCKED
        ) RETURNING 1
    ), anonymous AS (
        -- Nobody can come back to those whose last session goes.
        DELETE FROM edgegate.users u
        WHERE u.id IN (SELECT user_id FROM sessions)
            AND u.is_anonymous
            AND u.deleted_at IS NULL
            AND NOT EXISTS (
                SELECT FROM edgegate.sessions s WHERE s.user_id = u.id AND s.id NOT IN (SELECT id FROM sessions)
            )
        RETURNING 1
    ), deleted AS (
        DELETE FROM edgegate.users WHERE id IN (
            SELECT id FROM edgegate.users WHERE delete_after <= $7 LIMIT $4 FOR UPDATE SKIP LOCKED
        ) RETURNING id
    ), recorded AS MATERIALIZED (
        SELECT edgegate.record_event(
            jsonb_build_object('audit_id', gen_random_uuid()), deleted.id, 'deleted_by_owner', $7
        )
        FROM deleted
    ), rate_limits AS (
        DELETE FROM edgegate.rate_limits WHERE key IN (
            SELECT key FROM edgegate.rate_limits WHERE full_at < $1 LIMIT $4 FOR UPDATE SKIP LOCKED
        ) RETURNING 1
    ), audit AS (
        DELETE FROM edgegate.audit_events WHERE id IN (
            SELECT id FROM edgegate.audit_events WHERE created_at < $6 LIMIT $4 FOR UPDATE SKIP LOCKED
        ) RETURNING 1
    ), probe AS (
        UPDATE edgegate.cache_probe SET value = value + 1 -- for health::read_probe
    )
    SELECT sum(kinds.count)::bigint AS removed, max(kinds.count) >= $4 AS is_full
    FROM (VALUES
        ((SELECT count(*) FROM throttles)),
        ((SELECT count(*) FROM mails)),
        ((SELECT count(*) FROM sessions)),
        ((SELECT count(*) FROM accounts)),
        ((SELECT count(*) FROM anonymous)),
        ((SELECT count(*) FROM recorded)),
        ((SELECT count(*) FROM rate_limits)),
        ((SELECT count(*) FROM audit))
    ) AS kinds (count)";

/// What one statement removed.
pub struct Swept {
    /// How many rows went.
    pub removed: i64,
    /// Whether more of some kind may be left.
    pub is_full: bool,
}

/// Removes what nobody needs any more, a bounded number of rows at a time: counters of forgotten
/// streaks, mails long sent or given up, sessions long over, accounts that nobody confirmed,
/// anonymous ones without a session, those whose owner deleted them and did not come back, budgets
/// that are whole again, old audit events.
///
/// # Errors
/// [`Error`].
pub async fn sweep(db: &mut Connection<'_>, now: DateTime<Utc>) -> Result<Swept, Error> {
    let row = db
        .only_row(
            SWEEP,
            &[
                (&(now - policy::ATTEMPTS_KEPT), Type::TIMESTAMPTZ),
                (&(now - policy::FINISHED_MAIL_KEPT), Type::TIMESTAMPTZ),
                (&(now - policy::ENDED_SESSION_KEPT), Type::TIMESTAMPTZ),
                (&policy::HOUSEKEEPING_BATCH, Type::INT8),
                (&(now - policy::UNCONFIRMED_ACCOUNT_KEPT), Type::TIMESTAMPTZ),
                (&(now - policy::AUDIT_EVENT_KEPT), Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(Swept { removed: row.try_get("removed")?, is_full: row.try_get("is_full")? })
}
