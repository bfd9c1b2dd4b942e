//! Statements with which an administrator looks at an account and deletes it. Not here: making and
//! changing accounts (`changes.rs`), listing them (`listing.rs`), their sessions (`sessions.rs`).

use chrono::{DateTime, Utc};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::session::sessions;
use crate::db::{Connection, Error};
use crate::domain::account::user::User;

const FIND: &str = "
    SELECT
        edgegate.account(u) AS account,
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

const DELETE: &str = "
    WITH account AS MATERIALIZED (
        SELECT u.id FROM edgegate.users u WHERE u.id = $1 FOR NO KEY UPDATE
    ), ended AS MATERIALIZED (
        -- Before the rows go, so that their ids can be told.
        SELECT edgegate.end_sessions(account.id, NULL, $2) AS ids FROM account
    ), deleted AS (
        DELETE FROM edgegate.users u USING ended WHERE u.id = $1
    )
    SELECT
        EXISTS (SELECT FROM account) OR EXISTS (SELECT FROM edgegate.audit_events e WHERE e.id = $3) AS deleted,
        (SELECT ids FROM ended) AS ended,
        (
            SELECT edgegate.record_event(
                jsonb_build_object('audit_id', $3, 'ip', $4, 'user_agent', $5, 'actor', $6), account.id, 'deleted', $2
            )
            FROM account
        ) AS recorded";

/// Deletes an account with all that belongs to it, but for its audit records. Returns the sessions
/// that ended; `None` if there is no such account.
///
/// # Errors
/// [`Error`].
pub async fn delete(
    db: &mut Connection<'_>,
    user_id: Uuid,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Vec<Uuid>>, Error> {
    let row = db
        .only_row(
            DELETE,
            &[
                (&user_id, Type::UUID),
                (&now, Type::TIMESTAMPTZ),
                (&audit.audit_id, Type::UUID),
                (&audit.caller.ip, Type::INET),
                (&audit.caller.user_agent, Type::TEXT),
                (&audit.actor, Type::TEXT),
            ],
        )
        .await?;
    let deleted: bool = row.try_get("deleted")?;
    if deleted { Ok(Some(sessions::ended(&row)?)) } else { Ok(None) }
}

const DELETE_SOFTLY: &str = "SELECT edgegate.soft_delete_user($1, $2, $3) AS ended";

/// Deletes what an account says of its owner, and every way into it; the row and its id stay.
/// Returns the sessions that ended; `None` if there is no such account. A second time it changes
/// nothing.
///
/// # Errors
/// [`Error`].
pub async fn delete_softly(
    db: &mut Connection<'_>,
    user_id: Uuid,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Vec<Uuid>>, Error> {
    let parameters =
        [(&user_id as &(dyn ToSql + Sync), Type::UUID), (&json(audit)?, Type::JSONB), (&now, Type::TIMESTAMPTZ)];
    Ok(db.only_row(DELETE_SOFTLY, &parameters).await?.try_get("ended")?)
}
