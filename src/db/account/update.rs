//! The statement with which somebody signed in changes their account.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::account::reauthenticate::Reauthentication;
use crate::db::account::refusal::{AccountRefusal, refusal};
use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::mail::request::{MailLimits, QueuedMail};
use crate::db::session::sessions::CallerSession;
use crate::db::{Connection, Error};
use crate::domain::account::user::User;
use crate::domain::policy;

/// What is to change; all of it or nothing.
#[derive(Default, Serialize)]
pub struct AccountChanges<'a> {
    /// Hash of the new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_hash: Option<&'a str>,
    /// The new address, as it is to be stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    /// Members to set in the user's metadata; null removes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<&'a Value>,
    /// Language of the mails from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'a str>,
    /// How large the metadata may become, in bytes of JSON.
    pub metadata_max_bytes: usize,
}

/// A change that is made.
#[derive(Deserialize)]
pub struct AccountUpdate {
    /// The account now.
    pub account: User,
    /// Sessions that ended.
    pub ended: Vec<Uuid>,
    /// Mails to send.
    pub mails: Vec<QueuedMail>,
}

/// A request to change the account.
pub struct UpdateRequest<'a> {
    /// What is to change.
    pub changes: AccountChanges<'a>,
    /// What a new password takes.
    pub reauthentication: &'a Reauthentication,
    /// As in [`count_and_read`](super::reauthenticate::count_and_read): forgotten when the password
    /// was right.
    pub counter: [u8; 32],
    /// What a mail to the new address is counted in; of no matter without a new address.
    pub mail_limits: Option<&'a MailLimits>,
    /// The links, by kind.
    pub links: &'a Value,
    /// The sealed mails, by kind.
    pub prepared_mails: &'a Value,
}

const UPDATE: &str = "SELECT edgegate.update_user($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS answer";

/// Changes the account. A new password ends its other sessions and open links, and a change of
/// address under way.
///
/// # Errors
/// [`Error`].
pub async fn update(
    db: &mut Connection<'_>,
    session: &CallerSession,
    request: &UpdateRequest<'_>,
    audit: &AuditContext<'_>,
) -> Result<Result<Box<AccountUpdate>, AccountRefusal>, Error> {
    let row = db
        .only_row(
            UPDATE,
            &[
                (&session.user_id, Type::UUID),
                (&session.session_id, Type::UUID),
                (&session.idle_since, Type::TIMESTAMPTZ),
                (&json(&request.changes)?, Type::JSONB),
                (&json(request.reauthentication)?, Type::JSONB),
                (&(session.now - policy::CODE_FAILURES_WINDOW), Type::TIMESTAMPTZ),
                (&policy::CODE_MAX_ATTEMPTS, Type::INT4),
                (&request.counter.as_slice(), Type::BYTEA),
                (&request.mail_limits.map(json).transpose()?, Type::JSONB),
                (request.links, Type::JSONB),
                (request.prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&session.now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    if let Err(refusal) = refusal(&row.try_get("answer")?)? {
        return Ok(Err(refusal));
    }
    let Json(update) = row.try_get("answer")?;
    Ok(Ok(Box::new(update)))
}
