//! The statement with which an administrator makes links and invites.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::types::{Json, Type};

use crate::db::account::sign_up::NewAccount;
use crate::db::audit::AuditContext;
use crate::db::connection::json;
use crate::db::mail::request::QueuedMail;
use crate::db::{Connection, Error};
use crate::domain::account::user::User;
use crate::domain::credential::link_type::LinkType;

/// A link about to be made.
pub struct LinkToGenerate<'a> {
    /// What it does.
    pub link_type: LinkType,
    /// The account it is for, and what to make where there is none.
    pub account: &'a NewAccount<'a>,
    /// Of a change of address: the new one.
    pub new_email: Option<&'a str>,
    /// The link, by kind.
    pub links: &'a Value,
    /// The sealed invitation, if one is to be mailed.
    pub prepared_mails: &'a Value,
}

/// What became of it.
pub enum GenerateLinkOutcome {
    /// It is made, for this account; these mails are to be sent.
    Done(Box<User>, Vec<QueuedMail>),
    /// There is no account with this address.
    NoUser,
    /// There is a confirmed one, which needs neither a sign-up nor an invitation.
    EmailExists,
}

const MAKE: &str = "SELECT edgegate.generate_link($1, $2, $3, $4, $5, $6, $7) AS answer";

/// Makes a link and code, and queues the mail that carries them if there is a prepared mail.
/// The earlier ones of the kind die.
///
/// # Errors
/// [`Error`].
pub async fn make(
    db: &mut Connection<'_>,
    link: &LinkToGenerate<'_>,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<GenerateLinkOutcome, Error> {
    #[derive(Deserialize)]
    struct Answer {
        outcome: String,
        account: Option<User>,
        #[serde(default)]
        mails: Vec<QueuedMail>,
    }
    let row = db
        .only_row(
            MAKE,
            &[
                (&link.link_type.as_str(), Type::TEXT),
                (&json(link.account)?, Type::JSONB),
                (&link.new_email, Type::TEXT),
                (link.links, Type::JSONB),
                (link.prepared_mails, Type::JSONB),
                (&json(audit)?, Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let Json(answer): Json<Answer> = row.try_get("answer")?;
    match (answer.outcome.as_str(), answer.account) {
        ("done", Some(account)) => Ok(GenerateLinkOutcome::Done(Box::new(account), answer.mails)),
        ("no_user", _) => Ok(GenerateLinkOutcome::NoUser),
        ("email_exists", _) => Ok(GenerateLinkOutcome::EmailExists),
        _ => Err(Error::Answer("an outcome that is none")),
    }
}
