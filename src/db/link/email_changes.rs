//! Statements that mail the links of a change of address once more. Asking for the change is
//! `account::update`, agreeing to it `links::consume_link`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::types::Type;

use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::mail::request::{MailLimits, MailRequestOutcome};
use crate::db::{Connection, Error};

const PENDING: &str = "
    SELECT
        (SELECT u.new_email FROM edgegate.users u WHERE u.email_key = $1) AS new_email,
        now() AS asked_at -- volatile: no cache may answer this";

/// The address that the account with this one is to get; `None` if there is no such account, or no
/// change under way.
///
/// # Errors
/// [`Error`].
pub async fn pending(db: &mut Connection<'_>, email_key: &str) -> Result<Option<String>, Error> {
    let row = db.only_row(PENDING, &[(&email_key, Type::TEXT)]).await?;
    Ok(row.try_get("new_email")?)
}

const MAIL_AGAIN: &str = "SELECT edgegate.mail_email_change_again($1, $2, $3, $4, $5, $6, $7) AS answer";

/// A change of address whose links are to be mailed again.
pub struct Again<'a> {
    /// `EmailAddress::key` of the current address.
    pub email_key: &'a str,
    /// The new address, for which links and mails were made.
    pub pending: &'a str,
    /// What it is counted in.
    pub mail_limits: &'a MailLimits,
    /// The links, by kind.
    pub links: &'a Value,
    /// The sealed mails, by kind.
    pub prepared_mails: &'a Value,
}

/// Mails the links of a change of address again, to the mailboxes that have not agreed yet; the
/// earlier ones die.
///
/// # Errors
/// [`Error`].
pub async fn mail_again(
    db: &mut Connection<'_>,
    again: &Again<'_>,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<MailRequestOutcome, Error> {
    let row = db
        .only_row(
            MAIL_AGAIN,
            &[
                (&again.email_key, Type::TEXT),
                (&again.pending, Type::TEXT),
                (&json(again.mail_limits)?, Type::JSONB),
                (again.links, Type::JSONB),
                (again.prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    MailRequestOutcome::read(&row.try_get("answer")?)
}
