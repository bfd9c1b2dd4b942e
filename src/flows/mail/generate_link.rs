//! A link that an administrator asks for: an invitation, which is mailed here, or one for a mail of
//! the administrator's own. One statement makes the account, where the type makes one, and
//! issues the link; the earlier ones of its kind die.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::app::App;
use crate::db;
use crate::db::Connection;
use crate::db::account::sign_up::NewAccount;
use crate::db::admin::generate_link;
use crate::db::admin::generate_link::{GenerateLinkOutcome, LinkToGenerate};
use crate::db::audit::AuditContext;
use crate::db::mail::request::LinkOrigin;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::account::user::{User, email_app_metadata};
use crate::domain::credential::link_type::LinkType;
use crate::domain::locale::Locale;
use crate::domain::mail::message::Message;
use crate::flows::mail::deliver::Delivery;
use crate::flows::mail::plan::{MailPlan, Secrets};
use crate::host;

/// What an administrator asks for.
pub struct GenerateLinkRequest<'a> {
    /// Which link.
    pub link_type: LinkType,
    /// Address of the account.
    pub address: &'a EmailAddress,
    /// Of a change of address: the new one.
    pub new_address: Option<&'a EmailAddress>,
    /// Of a sign-up: hash of the password of the new account.
    pub password_hash: Option<&'a str>,
    /// Becomes that of a new account; an object.
    pub user_metadata: &'a Value,
    /// Language of the mails of a new account.
    pub locale: Locale,
    /// Where to go afterwards, already checked.
    pub redirect_to: String,
}

/// A link that was made.
pub struct IssuedLink {
    /// The account it is for.
    pub user: Box<User>,
    /// The link and code.
    pub secrets: Secrets,
    /// The invitation, where one is to be mailed.
    pub mails: Vec<Delivery>,
}

/// Why no link was made.
#[derive(Debug, thiserror::Error)]
pub enum GenerateLinkError {
    /// There is no account with this address.
    #[error("no account with this address")]
    NoUser,
    /// There is a confirmed one, which needs neither a sign-up nor an invitation.
    #[error("the address has a confirmed account")]
    EmailExists,
    /// A value of ours cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The statement failed.
    #[error(transparent)]
    Database(#[from] db::Error),
}

/// Makes a link, and mails nobody.
///
/// # Errors
/// [`GenerateLinkError`].
pub async fn generate(
    app: &App,
    db: &mut Connection<'_>,
    request: GenerateLinkRequest<'_>,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<IssuedLink, GenerateLinkError> {
    make(app, db, request, false, audit, now).await
}

/// Makes an invitation and queues its mail.
///
/// # Errors
/// [`GenerateLinkError`].
pub async fn invite(
    app: &App,
    db: &mut Connection<'_>,
    request: GenerateLinkRequest<'_>,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<IssuedLink, GenerateLinkError> {
    make(app, db, request, true, audit, now).await
}

async fn make(
    app: &App,
    db: &mut Connection<'_>,
    request: GenerateLinkRequest<'_>,
    is_mailed: bool,
    audit: &AuditContext<'_>,
    now: DateTime<Utc>,
) -> Result<IssuedLink, GenerateLinkError> {
    let GenerateLinkRequest { link_type, address, new_address, password_hash, user_metadata, locale, redirect_to } =
        request;
    let mailbox = new_address.filter(|_| link_type == LinkType::EmailChangeNew).unwrap_or(address);
    let origin = LinkOrigin { redirect_to: Some(redirect_to), ..LinkOrigin::default() };
    let lifetime = link_type.lifetime();
    let mut mail_plan = MailPlan::new(app, now);
    let secrets = mail_plan.link_as(link_type.kind(), link_type.wire_type(), lifetime, mailbox, origin)?;
    if is_mailed {
        let (link, code) = (secrets.link.clone(), secrets.code.clone());
        mail_plan.prepare(Message::Invite { address: address.as_str().to_owned(), link, code }, lifetime)?;
    }
    let account = NewAccount {
        id: host::random_id(app.entropy.as_ref()),
        email: Some(address.as_str()),
        password_hash,
        app_metadata: &email_app_metadata(),
        user_metadata,
        locale: locale.as_str(),
    };
    let link = LinkToGenerate {
        link_type,
        account: &account,
        new_email: new_address.map(EmailAddress::as_str),
        links: &mail_plan.links,
        prepared_mails: &mail_plan.prepared_mails,
    };
    match generate_link::make(db, &link, audit, now).await? {
        GenerateLinkOutcome::Done(user, mails) => Ok(IssuedLink { user, secrets, mails: mail_plan.deliveries(mails) }),
        GenerateLinkOutcome::NoUser => Err(GenerateLinkError::NoUser),
        GenerateLinkOutcome::EmailExists => Err(GenerateLinkError::EmailExists),
    }
}
