//! A mail with a link and code that somebody asks for: the link, its message, and what the request
//! is counted in are made here, then a statement decides whether it is mailed, and to whom. Used by
//! each call that mails a link which confirms an address, signs in, recovers an account, or proves
//! once more who somebody is. Not here: a change of address, which mails two mailboxes
//! (`email_change.rs`), and links of administrators (`generate_link.rs`).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::app::App;
use crate::db;
use crate::db::Connection;
use crate::db::audit::AuditContext;
use crate::db::link::links;
use crate::db::link::links::LinkRequest;
use crate::db::mail::request::{LinkOrigin, MailLimits, MailRequestOutcome, QueuedMail};
use crate::domain::account::email_address::EmailAddress;
use crate::domain::caller::Caller;
use crate::domain::counter::{Counted, counter_key};
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::credential::pkce::CodeChallenge;
use crate::domain::mail::message::Message;
use crate::flows::after_response;
use crate::flows::mail::plan;
use crate::flows::mail::plan::{MailPlan, Secrets};

/// What somebody may ask a mail for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requested {
    /// Confirming the address of a new account.
    Confirmation,
    /// Signing in without a password.
    SignIn,
    /// Recovering an account.
    Recovery,
    /// A code that proves once more who is signed in.
    Nonce,
}

impl Requested {
    /// What the link and code are good for.
    const fn kind(self) -> TokenKind {
        match self {
            Self::Confirmation => TokenKind::Signup,
            Self::SignIn => TokenKind::MagicLink,
            Self::Recovery => TokenKind::Recovery,
            Self::Nonce => TokenKind::Reauthentication,
        }
    }

    /// What the mail says.
    fn message(self, address: &EmailAddress, secrets: Secrets) -> Message {
        let Secrets { link, code, .. } = secrets;
        let address = address.as_str().to_owned();
        match self {
            Self::Confirmation => Message::ConfirmSignup { address, link, code },
            Self::SignIn => Message::SignIn { address, link, code },
            Self::Recovery => Message::Recovery { address, link, code },
            Self::Nonce => Message::Reauthentication { code },
        }
    }
}

/// Why no mail was queued.
#[derive(Debug, thiserror::Error)]
pub enum MailRequestError {
    /// Too soon, or too many: wait so many seconds.
    #[error("too many mails, wait {0} seconds")]
    Wait(u32),
    /// A value of ours cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The statement failed.
    #[error(transparent)]
    Database(#[from] db::Error),
}

/// A mail with a link, prepared, with what its request is counted in.
pub struct MailRequest<'a> {
    /// The links and mails that the statement may choose from.
    pub mail_plan: MailPlan<'a>,
    /// What the request is counted in.
    pub mail_limits: MailLimits,
    /// Who asks.
    pub audit: AuditContext<'a>,
    kind: TokenKind,
    mail_kind: &'static str,
    address: &'a EmailAddress,
    now: DateTime<Utc>,
}

impl<'a> MailRequest<'a> {
    /// Prepares a link for `address` with the mail that carries it. `origin` is who asks, as far as
    /// the link is bound to them; see [`origin`].
    ///
    /// # Errors
    /// [`MailRequestError::Json`].
    pub fn prepare(
        app: &'a App,
        requested: Requested,
        address: &'a EmailAddress,
        origin: LinkOrigin,
        audit: AuditContext<'a>,
        now: DateTime<Utc>,
    ) -> Result<Self, MailRequestError> {
        let kind = requested.kind();
        let mut mail_plan = MailPlan::new(app, now);
        let secrets = mail_plan.link(kind, address, origin)?;
        let message = requested.message(address, secrets);
        let mail_kind = message.kind();
        mail_plan.prepare(message, kind.lifetime())?;
        let mail_limits = plan::mail_limits(app, kind, address, &audit);
        Ok(Self { mail_plan, mail_limits, audit, kind, mail_kind, address, now })
    }

    /// Counts the request, issues the link for the account with this address and queues the mail:
    /// one statement. Without an account `new_account` is made, if there is one; else nothing is
    /// mailed, which the outcome does not tell. The mail leaves after the response.
    ///
    /// # Errors
    /// [`MailRequestError`].
    pub async fn mail_link(
        self,
        app: &Arc<App>,
        mut db: Connection<'_>,
        new_account: Option<&Value>,
    ) -> Result<(), MailRequestError> {
        let request = LinkRequest {
            email_key: self.address.key(),
            kind: self.kind,
            mail_kind: self.mail_kind,
            new_account,
            mail_limits: &self.mail_limits,
            links: &self.mail_plan.links,
            prepared_mails: &self.mail_plan.prepared_mails,
        };
        let outcome = links::mail_link(&mut db, &request, &self.audit, self.now).await?;
        let queued = queued(outcome)?;
        after_response::in_background(app, db, Vec::new(), self.mail_plan.deliveries(queued));
        Ok(())
    }
}

/// The mails that a statement queued.
///
/// # Errors
/// [`MailRequestError::Wait`].
pub fn queued(outcome: MailRequestOutcome) -> Result<Vec<QueuedMail>, MailRequestError> {
    match outcome {
        MailRequestOutcome::Queued(queued) => Ok(queued),
        MailRequestOutcome::Wait(seconds) => Err(MailRequestError::Wait(seconds)),
    }
}

/// Who asks for a link, and where it leads in the end: bound to the network of `caller`, and to the
/// app that holds the verifier of `challenge`. `redirect_to` is what was asked for; where that is
/// not allowed, it leads to the site.
#[must_use]
pub fn origin(app: &App, caller: &Caller, challenge: Option<CodeChallenge>, redirect_to: Option<&str>) -> LinkOrigin {
    let config = app.config();
    LinkOrigin {
        network_digest: Some(counter_key(&config.tokens.auth_secrets, Counted::LinkNetwork, &caller.network())),
        code_challenge: challenge.map(|challenge| *challenge.as_bytes()),
        redirect_to: Some(config.site.redirects.resolve(redirect_to).into()),
        ..LinkOrigin::default()
    }
}
