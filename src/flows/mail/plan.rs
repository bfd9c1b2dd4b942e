//! What a call prepares before it knows which mails will leave: links and codes as digests for the
//! database, messages sealed for the outbox, and what they are counted in. The statement chooses;
//! `deliveries` are those that it chose.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Error, Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::db::audit::AuditContext;
use crate::db::mail::request::{LinkOrigin, MailLimits, NewLink, PreparedMail, QueuedMail};
use crate::domain::account::email_address::EmailAddress;
use crate::domain::caller::Caller;
use crate::domain::counter::{Counted, counter_key};
use crate::domain::credential::one_time_token::{LinkToken, OneTimeCode, TokenKind};
use crate::domain::locale::Locale;
use crate::domain::mail::message::{Message, SecurityEvent};
use crate::domain::policy;
use crate::domain::session::user_agent::Device;
use crate::flows::mail::deliver;
use crate::flows::mail::deliver::Delivery;
use crate::host;

/// Links and mails that a statement may choose from.
pub struct MailPlan<'a> {
    app: &'a App,
    now: DateTime<Utc>,
    /// For the database: links by kind.
    pub links: Value,
    /// For the database: sealed mails by kind of message.
    pub prepared_mails: Value,
    messages: Vec<PreparedMessage>,
}

struct PreparedMessage {
    id: Uuid,
    message: Message,
    expires_at: DateTime<Utc>,
}

/// A link and code as their mail shows them. Credentials.
pub struct Secrets {
    /// The whole URL.
    pub link: String,
    /// The part of the link that is secret, for those who make a link of their own.
    pub token: String,
    /// Six digits.
    pub code: String,
}

impl<'a> MailPlan<'a> {
    /// Nothing yet.
    #[must_use]
    pub fn new(app: &'a App, now: DateTime<Utc>) -> Self {
        Self { app, now, links: json!({}), prepared_mails: json!({}), messages: Vec::new() }
    }

    /// Makes a link and code of this kind for `address`.
    ///
    /// # Errors
    /// If a value cannot be written as JSON, which none of ours can cause.
    pub fn link(&mut self, kind: TokenKind, address: &EmailAddress, origin: LinkOrigin) -> Result<Secrets, Error> {
        self.link_as(kind, kind.wire_type(), kind.lifetime(), address, origin)
    }

    /// Makes a link and code that go by another `type` than is usual for their kind, or work for
    /// another time: an invitation.
    ///
    /// # Errors
    /// As [`MailPlan::link`].
    pub fn link_as(
        &mut self,
        kind: TokenKind,
        wire_type: &str,
        lifetime: TimeDelta,
        address: &EmailAddress,
        origin: LinkOrigin,
    ) -> Result<Secrets, Error> {
        let config = self.app.config();
        let token = LinkToken::from_entropy(host::random(self.app.entropy.as_ref()));
        let code = OneTimeCode::from_entropy(host::random(self.app.entropy.as_ref()));
        let link = NewLink {
            token_digest: *token.digest().as_bytes(),
            code_digest: code.digest(&config.tokens.auth_secrets, kind, address.key()),
            address_key: address.key().to_owned(),
            expires_at: self.now + lifetime,
            origin,
        };
        self.links[kind.as_str()] = serde_json::to_value(link)?;
        let mut url = config.site.api_url("/verify");
        let token = token.to_text().to_string();
        url.query_pairs_mut().append_pair("token", &token).append_pair("type", wire_type);
        Ok(Secrets { link: url.into(), token, code: code.as_str().to_owned() })
    }

    /// Seals a message that is worth sending for `lifetime`. One of each kind.
    ///
    /// # Errors
    /// If a value cannot be written as JSON, which none of ours can cause.
    pub fn prepare(&mut self, message: Message, lifetime: TimeDelta) -> Result<(), Error> {
        let id = host::random_id(self.app.entropy.as_ref());
        let expires_at = self.now + lifetime;
        let prepared = PreparedMail {
            id,
            sealed: deliver::seal(self.app, id, &message)?,
            expires_at,
            lease_until: self.now + policy::MAIL_LEASE,
        };
        self.prepared_mails[message.kind()] = serde_json::to_value(prepared)?;
        self.messages.push(PreparedMessage { id, message, expires_at });
        Ok(())
    }

    /// Seals the mail that tells of a sign-in from a new device, where that is wanted.
    ///
    /// # Errors
    /// As [`MailPlan::prepare`].
    pub fn prepare_new_device(&mut self, caller: &Caller) -> Result<(), Error> {
        if !self.app.config().mail.notify_new_device {
            return Ok(());
        }
        let message = Message::NewDevice { event: security_event(caller, self.now), site_url: self.site_url() };
        self.prepare(message, policy::NOTICE_LIFETIME)
    }

    /// Seals the mail that tells of a new password.
    ///
    /// # Errors
    /// As [`MailPlan::prepare`].
    pub fn prepare_password_changed(&mut self, caller: &Caller) -> Result<(), Error> {
        let message = Message::PasswordChanged { event: security_event(caller, self.now), site_url: self.site_url() };
        self.prepare(message, policy::NOTICE_LIFETIME)
    }

    /// Seals the mail to the address that an account has until an administrator changes it.
    ///
    /// # Errors
    /// As [`MailPlan::prepare`].
    pub fn prepare_email_changed(&mut self) -> Result<(), Error> {
        self.prepare(Message::EmailChanged { at: self.now, site_url: self.site_url() }, policy::NOTICE_LIFETIME)
    }

    /// Seals the mail to the owner of a confirmed address that somebody else wants for an account.
    ///
    /// # Errors
    /// As [`MailPlan::prepare`].
    pub fn prepare_already_registered(&mut self, address: &EmailAddress) -> Result<(), Error> {
        let message = Message::AlreadyRegistered { address: address.as_str().to_owned(), site_url: self.site_url() };
        self.prepare(message, policy::NOTICE_LIFETIME)
    }

    fn site_url(&self) -> String {
        self.app.config().site.site_url.to_string()
    }

    /// The messages that a statement chose, ready to be sent.
    #[must_use]
    pub fn deliveries(self, chosen: Vec<QueuedMail>) -> Vec<Delivery> {
        let mut messages = self.messages;
        let now = self.now;
        chosen
            .into_iter()
            .filter_map(|queued| {
                let at = messages.iter().position(|prepared| prepared.id == queued.id)?;
                let prepared = messages.swap_remove(at);
                Some(Delivery {
                    id: queued.id,
                    recipient: queued.recipient,
                    locale: Locale::from_stored(&queued.locale),
                    message: prepared.message,
                    attempts: 1,
                    created_at: now,
                    expires_at: prepared.expires_at,
                })
            })
            .collect()
    }
}

/// What `caller` does at `now`, as the owner of an account is told of it.
#[must_use]
pub fn security_event(caller: &Caller, now: DateTime<Utc>) -> SecurityEvent {
    let device = Device::parse(caller.user_agent.as_deref().unwrap_or_default());
    SecurityEvent { at: now, device, ip: caller.ip }
}

/// What a request for a mail of this kind to `address` is counted in.
#[must_use]
pub fn mail_limits(app: &App, kind: TokenKind, address: &EmailAddress, audit: &AuditContext<'_>) -> MailLimits {
    let config = app.config();
    let secrets = &config.tokens.auth_secrets;
    let shares = if config.mail.per_hour < 1_000 { 1 } else { policy::MAIL_COUNTER_SHARES };
    let share = u32::from(audit.audit_id.as_bytes()[0]) % shares;
    MailLimits {
        recipient: recipient(app, kind, address),
        also: Vec::new(),
        recipient_waits: &policy::MAIL_WAITS,
        recipient_forget_after: policy::MAIL_FORGET_AFTER_SECONDS,
        network: counter_key(secrets, Counted::NetworkMail, &audit.caller.network()),
        network_per_hour: config.mail.per_network_hour,
        all: counter_key(secrets, Counted::AllMail, &share.to_string()),
        all_per_hour: config.mail.per_hour / shares,
    }
}

/// The counter of mails of this kind to `address`.
#[must_use]
pub fn recipient(app: &App, kind: TokenKind, address: &EmailAddress) -> [u8; 32] {
    let recipient = format!("{} {}", kind.wire_type(), address.key());
    counter_key(&app.config().tokens.auth_secrets, Counted::RecipientMail, &recipient)
}
