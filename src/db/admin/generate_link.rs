//! The statement with which an operator makes links and invites.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::types::{Json, Type};

use crate::db::account::sign_up::NewAccount;
use crate::db::connection::json;
use crate::db::mail::request::QueuedMail;
use crate::db::session::sessions::AuditContext;
use crate::db::{Connection, Error};
use crate::domain::account::user::User;

/// What kind of link an operator asks for: the `type` of `POST /admin/generate_link`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkType {
    /// Confirms a new account that has a password.
    Signup,
    /// Confirms a new account without a password, and signs in to it.
    Invite,
    /// Signs in.
    MagicLink,
    /// Recovers the account.
    Recovery,
    /// The current address agrees to its change.
    EmailChangeCurrent,
    /// The new address is confirmed.
    EmailChangeNew,
}

impl LinkType {
    const ALL: [Self; 6] =
        [Self::Signup, Self::Invite, Self::MagicLink, Self::Recovery, Self::EmailChangeCurrent, Self::EmailChangeNew];

    /// As in the protocol, and in `edgegate.generate_link`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::Invite => "invite",
            Self::MagicLink => "magiclink",
            Self::Recovery => "recovery",
            Self::EmailChangeCurrent => "email_change_current",
            Self::EmailChangeNew => "email_change_new",
        }
    }

    /// Reads what [`Self::as_str`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|link_type| link_type.as_str() == text)
    }
}

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

/// Makes a link and code, and queues the mail that carries them if there is a draft. The earlier
/// ones of the kind die.
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
