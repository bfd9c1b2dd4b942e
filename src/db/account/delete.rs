//! The statement with which somebody signed in deletes their account.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::account::reauthenticate::Reauthentication;
use crate::db::account::refusal::{AccountRefusal, refusal};
use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::mail::request::QueuedMail;
use crate::db::session::sessions::CallerSession;
use crate::db::{Connection, Error};
use crate::domain::policy;

/// A deletion that is done, or set down.
#[derive(Deserialize)]
pub struct AccountDeletion {
    /// Sessions that ended.
    pub ended: Vec<Uuid>,
    /// Mails to send.
    pub mails: Vec<QueuedMail>,
}

// Sent again, it finds the account gone, and its sessions with it; of them only the notes for KV
// are left.
const DELETE: &str = "
    SELECT
        edgegate.delete_account($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS answer,
        ARRAY (SELECT r.session_id FROM edgegate.revocations r WHERE r.user_id = $1) AS noted_before";

/// Deletes the account, at once or after `delete_after`. All its sessions end either way.
///
/// # Errors
/// [`Error`].
pub async fn delete(
    db: &mut Connection<'_>,
    session: &CallerSession,
    reauthentication: &Reauthentication,
    delete_after: Option<DateTime<Utc>>,
    prepared_mails: &Value,
    audit: &AuditContext<'_>,
) -> Result<Result<AccountDeletion, AccountRefusal>, Error> {
    let row = db
        .only_row(
            DELETE,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&json(reauthentication)?, Type::JSONB),
                (&(session.now - policy::CODE_FAILURES_WINDOW), Type::TIMESTAMPTZ),
                (&policy::CODE_MAX_ATTEMPTS, Type::INT4),
                (&delete_after, Type::TIMESTAMPTZ),
                (prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&session.now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    if let Err(refusal) = refusal(&row.try_get("answer")?)? {
        return Ok(Err(refusal));
    }
    let Json::<AccountDeletion>(mut deletion) = row.try_get("answer")?;
    deletion.ended.append(&mut row.try_get("noted_before")?);
    Ok(Ok(deletion))
}
