//! Statements with which an administrator looks at an account's sessions and ends them.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::session::revoke::Listed;
use crate::db::{Connection, Error};

const LIST: &str = "
    SELECT
        edgegate.live_sessions(u.id, $2, $3) AS sessions,
        now() AS asked_at -- volatile: no cache may answer this
    FROM edgegate.users u
    WHERE u.id = $1";

/// The sessions of an account that live, the one used last first; `None` if there is no such
/// account. One not refreshed since `idle_since` is over.
///
/// # Errors
/// [`Error`].
pub async fn list_sessions(
    db: &mut Connection<'_>,
    user_id: Uuid,
    idle_since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Vec<Listed>>, Error> {
    let row =
        db.row(LIST, &[(&user_id, Type::UUID), (&now, Type::TIMESTAMPTZ), (&idle_since, Type::TIMESTAMPTZ)]).await?;
    row.map(|row| Ok(row.try_get::<_, Json<Vec<Listed>>>("sessions")?.0)).transpose()
}

/// What became of ending sessions.
pub enum AdminEndOutcome {
    /// These have ended; none, if they had ended before.
    Sessions(Vec<Uuid>),
    /// There is no such account.
    NoUser,
    /// The account has no such session.
    NoSession,
}

const END: &str = "SELECT edgegate.end_sessions_by_administrator($1, $2, $3, $4) AS answer";

/// Ends one session of an account, or all of them.
///
/// # Errors
/// [`Error`].
pub async fn end_sessions(
    db: &mut Connection<'_>,
    user_id: Uuid,
    one: Option<Uuid>,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<AdminEndOutcome, Error> {
    #[derive(Deserialize)]
    struct Answer {
        outcome: String,
        #[serde(default)]
        ended: Vec<Uuid>,
    }
    let row = db
        .only_row(
            END,
            &[(&user_id, Type::UUID), (&one, Type::UUID), (&json(audit)?, Type::JSONB), (&now, Type::TIMESTAMPTZ)],
        )
        .await?;
    let Json(answer): Json<Answer> = row.try_get("answer")?;
    match answer.outcome.as_str() {
        "done" => Ok(AdminEndOutcome::Sessions(answer.ended)),
        "no_user" => Ok(AdminEndOutcome::NoUser),
        "no_session" => Ok(AdminEndOutcome::NoSession),
        _ => Err(Error::Answer("an outcome that is none")),
    }
}
