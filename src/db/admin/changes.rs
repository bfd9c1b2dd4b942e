//! Statements with which an administrator makes and changes accounts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::types::{Json, Type};
use uuid::Uuid;

use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::mail::request::QueuedMail;
use crate::db::{Connection, Error};
use crate::domain::account::user::User;
use crate::domain::policy;

/// An account about to be made.
#[derive(Serialize)]
pub struct AccountToCreate<'a> {
    /// Its id.
    pub id: Uuid,
    /// Its address, as it is to be stored.
    pub email: &'a str,
    /// Whether the address counts as confirmed.
    pub confirmed: bool,
    /// As `PasswordHasher` writes it; none: it has no password yet.
    pub password_hash: Option<&'a str>,
    /// The claim `role` of its access tokens.
    pub role: &'a str,
    /// Set by administrators; an object.
    pub app_metadata: &'a Value,
    /// What users set themselves; an object.
    pub user_metadata: &'a Value,
    /// Nothing signs it in before then.
    pub banned_until: Option<DateTime<Utc>>,
    /// Language of its mails.
    pub locale: &'a str,
}

/// What became of a new account.
pub enum CreateOutcome {
    /// It is there.
    Done(Box<User>),
    /// The address has an account.
    EmailExists,
    /// The id has one, or had.
    IdExists,
}

const CREATE: &str = "SELECT edgegate.create_user($1, $2, $3) AS answer";

/// Makes an account.
///
/// # Errors
/// [`Error`].
pub async fn create(
    db: &mut Connection<'_>,
    account: &AccountToCreate<'_>,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<CreateOutcome, Error> {
    #[derive(Deserialize)]
    struct Answer {
        outcome: String,
        account: Option<Box<User>>,
    }
    let row = db
        .only_row(CREATE, &[(&json(account)?, Type::JSONB), (&json(audit)?, Type::JSONB), (&now, Type::TIMESTAMPTZ)])
        .await?;
    let Json(answer): Json<Answer> = row.try_get("answer")?;
    match (answer.outcome.as_str(), answer.account) {
        ("created", Some(account)) => Ok(CreateOutcome::Done(account)),
        ("email_exists", _) => Ok(CreateOutcome::EmailExists),
        ("id_exists", _) => Ok(CreateOutcome::IdExists),
        _ => Err(Error::Answer("an outcome that is none")),
    }
}

/// What is to change; all of it or nothing. What is left out stays.
#[derive(Serialize)]
pub struct AdminChanges<'a> {
    /// The new address, which counts at once. A confirmed account stays confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    /// The address counts as confirmed from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<()>,
    /// Hash of the new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_hash: Option<&'a str>,
    /// The claim `role`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'a str>,
    /// Members to set; null removes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_metadata: Option<&'a Value>,
    /// Members to set; null removes one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_metadata: Option<&'a Value>,
    /// A ban until then; `Some(None)` lifts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banned_until: Option<Option<DateTime<Utc>>>,
    /// Language of its mails from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<&'a str>,
    /// How large either metadata may become, in bytes of JSON: always
    /// [`policy::METADATA_MAX_BYTES`].
    pub metadata_max_bytes: usize,
}

impl Default for AdminChanges<'_> {
    fn default() -> Self {
        Self {
            email: None,
            confirmed: None,
            new_hash: None,
            role: None,
            user_metadata: None,
            app_metadata: None,
            banned_until: None,
            locale: None,
            metadata_max_bytes: policy::METADATA_MAX_BYTES,
        }
    }
}

/// What became of a change.
pub enum AdminUpdateOutcome {
    /// Done.
    Done(Box<AdminUpdate>),
    /// There is no such account, or it is deleted.
    NoUser,
    /// A password or a confirmation is of no use to an account without an address.
    NoAddress,
    /// Another account has the address.
    EmailExists,
    /// The metadata would become too large.
    MetadataTooLarge,
}

/// A change that is made.
#[derive(Deserialize)]
pub struct AdminUpdate {
    /// The account now.
    pub account: User,
    /// Sessions that ended.
    pub ended: Vec<Uuid>,
    /// Mails to send.
    pub mails: Vec<QueuedMail>,
}

const UPDATE: &str = "SELECT edgegate.update_user_by_administrator($1, $2, $3, $4, $5) AS answer";

/// Changes an account. A new password and a ban end all its sessions; these two and another address
/// end its open links and a change of address under way.
///
/// # Errors
/// [`Error`].
pub async fn update(
    db: &mut Connection<'_>,
    user_id: Uuid,
    changes: &AdminChanges<'_>,
    prepared_mails: &Value,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<AdminUpdateOutcome, Error> {
    let row = db
        .only_row(
            UPDATE,
            &[
                (&user_id, Type::UUID),
                (&json(changes)?, Type::JSONB),
                (prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let answer: Value = row.try_get("answer")?;
    Ok(match answer["outcome"].as_str() {
        Some("done") => {
            let Json(update) = row.try_get("answer")?;
            AdminUpdateOutcome::Done(Box::new(update))
        }
        Some("no_user") => AdminUpdateOutcome::NoUser,
        Some("no_address") => AdminUpdateOutcome::NoAddress,
        Some("email_exists") => AdminUpdateOutcome::EmailExists,
        Some("metadata_too_large") => AdminUpdateOutcome::MetadataTooLarge,
        _ => return Err(Error::Answer("an outcome that is none")),
    })
}
