//! Statements with which an operator bans and deletes accounts.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::{Connection, Error, sessions};
use crate::domain::user::{Caller, User};

const BAN: &str = "
    WITH account AS (
        UPDATE edgegate.users u SET
            banned_until = $2,
            updated_at = $3
        WHERE u.id = $1
        RETURNING u.*
    ), audit AS (
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        SELECT $4, account.id, CASE WHEN $2 IS NULL THEN 'unbanned' ELSE 'banned' END, $5, $6, $3 FROM account
        ON CONFLICT (id) DO NOTHING
    )
    SELECT
        to_jsonb(account) - 'password_hash' AS account,
        CASE WHEN $2 IS NOT NULL THEN edgegate.end_sessions(account.id, NULL, $3) END AS ended
    FROM account";

/// Bans an account until then and ends its sessions, or lifts the ban. Returns the account and the sessions that ended;
/// `None` if there is no such account.
///
/// # Errors
/// [`Error`].
pub async fn ban(
    db: &mut Connection<'_>,
    user_id: Uuid,
    until: Option<DateTime<Utc>>,
    audit_id: Uuid,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Option<(User, Vec<Uuid>)>, Error> {
    let row = db
        .row(
            BAN,
            &[
                (&user_id, Type::UUID),
                (&until, Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
                (&audit_id, Type::UUID),
                (&caller.ip, Type::INET),
                (&caller.user_agent, Type::TEXT),
            ],
        )
        .await?;
    row.map(|row| Ok((sessions::account(&row)?, sessions::ended(&row)?))).transpose()
}

const DELETE: &str = "
    WITH account AS MATERIALIZED (
        SELECT u.id FROM edgegate.users u WHERE u.id = $1 FOR NO KEY UPDATE
    ), ended AS MATERIALIZED (
        -- Before the rows go, so that their ids can be told.
        SELECT edgegate.end_sessions(account.id, NULL, $2) AS ids FROM account
    ), deleted AS (
        DELETE FROM edgegate.users u USING ended WHERE u.id = $1
    ), audit AS (
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, created_at)
        SELECT $3, account.id, 'deleted', $4, $5, $2 FROM account
        ON CONFLICT (id) DO NOTHING
    )
    SELECT
        EXISTS (SELECT FROM account) OR EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = $3) AS deleted,
        (SELECT ids FROM ended) AS ended";

/// Deletes an account with all that belongs to it, but for its audit records. Returns the sessions that ended; `None` if
/// there is no such account.
///
/// # Errors
/// [`Error`].
pub async fn delete(
    db: &mut Connection<'_>,
    user_id: Uuid,
    audit_id: Uuid,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Option<Vec<Uuid>>, Error> {
    let row = db
        .only_row(
            DELETE,
            &[
                (&user_id, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
                (&audit_id, Type::UUID),
                (&caller.ip, Type::INET),
                (&caller.user_agent, Type::TEXT),
            ],
        )
        .await?;
    let deleted: bool = row.try_get("deleted")?;
    if deleted { Ok(Some(sessions::ended(&row)?)) } else { Ok(None) }
}
