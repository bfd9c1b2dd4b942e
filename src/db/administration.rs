//! Statements with which an operator looks at accounts, bans and deletes them.

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::sessions::{self, Trace};
use super::{Connection, Error};
use crate::domain::user::User;

const FIND: &str = "
    SELECT
        to_jsonb(u) - 'password_hash' AS account,
        now() AS asked_at -- volatile: no cache may answer this
    FROM edgegate.users u
    WHERE u.id = $1";

/// The account with this id.
///
/// # Errors
/// [`Error`].
pub async fn find(db: &mut Connection<'_>, user_id: Uuid) -> Result<Option<User>, Error> {
    let row = db.row(FIND, &[(&user_id, Type::UUID)]).await?;
    row.map(|row| sessions::account(&row)).transpose()
}

const BAN: &str = "
    WITH account AS (
        UPDATE edgegate.users u SET
            banned_until = $2,
            updated_at = $3
        WHERE u.id = $1
        RETURNING u.*
    ), audit AS (
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, actor, created_at)
        SELECT $4, account.id, CASE WHEN $2 IS NULL THEN 'unbanned' ELSE 'banned' END, $5, $6, $7, $3 FROM account
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
    trace: &Trace<'_>,
    now: DateTime<Utc>,
) -> Result<Option<(User, Vec<Uuid>)>, Error> {
    let row = db
        .row(
            BAN,
            &[
                (&user_id, Type::UUID),
                (&until, Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
                (&trace.audit_id, Type::UUID),
                (&trace.ip, Type::INET),
                (&trace.user_agent, Type::TEXT),
                (&trace.actor, Type::TEXT),
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
        INSERT INTO edgegate.audit_events (id, user_id, action, ip, user_agent, actor, created_at)
        SELECT $3, account.id, 'deleted', $4, $5, $6, $2 FROM account
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
    trace: &Trace<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Vec<Uuid>>, Error> {
    let row = db
        .only_row(
            DELETE,
            &[
                (&user_id, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
                (&trace.audit_id, Type::UUID),
                (&trace.ip, Type::INET),
                (&trace.user_agent, Type::TEXT),
                (&trace.actor, Type::TEXT),
            ],
        )
        .await?;
    let deleted: bool = row.try_get("deleted")?;
    if deleted { Ok(Some(sessions::ended(&row)?)) } else { Ok(None) }
}
