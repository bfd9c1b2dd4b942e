//! Speaks the HTTP APIs of the mail providers: one file each, which sends a mail, classifies the
//! answer, and reads what the provider reports of mails later.
//!
//! Not here: retries and queueing (`flows/mail/deliver.rs`), and what a report changes
//! (`db/mail/suppressions.rs`).

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;

use crate::config::{MailProvider, MailSettings};
use crate::domain::mail::webhook_key::WebhookKey;
use crate::host::Http;

mod answer; // what the answers of all providers have in common
mod postmark;
mod report; // what the reports of all providers have in common
mod resend;
mod sendgrid;

pub use crate::integrations::mail_provider::report::{NotAuthentic, Reports};

/// One mail, ready to leave.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The same for every attempt to send this mail, so that the provider sends it once.
    pub idempotency_key: String,
    /// Recipient address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text body.
    pub text: String,
    /// HTML body.
    pub html: String,
}

/// Why a mail did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Worth another try: provider down, slow, busy or unreachable.
    #[error("{reason}")]
    Temporary {
        /// As the provider names it, or what the connection did.
        reason: String,
        /// Seconds the provider asked us to wait (`Retry-After`).
        retry_after: Option<u32>,
    },
    /// The provider will never take this mail.
    #[error("{reason}")]
    Permanent {
        /// As the provider names it.
        reason: String,
    },
}

/// Sends one mail through the configured provider. As long as it takes: the caller sets the limit.
///
/// # Errors
/// [`MailError::Temporary`] if another attempt may succeed, [`MailError::Permanent`] if not. The
/// reason is the provider's name for the error, never its text, which may quote the address.
pub async fn send(http: &dyn Http, settings: &MailSettings, mail: &Mail) -> Result<(), MailError> {
    match settings.provider {
        MailProvider::Resend => resend::send(http, settings, mail).await,
        MailProvider::Postmark => postmark::send(http, settings, mail).await,
        MailProvider::SendGrid => sendgrid::send(http, settings, mail).await,
    }
}

/// Reads what a provider reports in a webhook, once it has proven that it is the provider.
///
/// # Errors
/// [`NotAuthentic`], whatever is missing or wrong about the proof.
pub fn read_reports(
    key: &WebhookKey,
    headers: &HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Reports, NotAuthentic> {
    match key {
        WebhookKey::Svix(key) => resend::read_reports(key, headers, body, now),
        WebhookKey::SendGrid(key) => sendgrid::read_reports(key, headers, body, now),
        WebhookKey::Postmark(credentials) => postmark::read_reports(credentials, headers, body, now),
    }
}
