//! Speaks the HTTP APIs of the mail providers, the same way natively and at the edge: one file
//! each, which sends a mail, classifies the answer, and reads what the provider reports of mails
//! later.
//!
//! Not here: retries and queueing, which are `outbox.rs`, and what a report changes
//! (`db/suppressions.rs`).

use chrono::{DateTime, Utc};
use reqwest::Client;
use reqwest::header::HeaderMap;

use crate::config::{MailProvider, MailSettings};
use crate::domain::mail::webhook_key::WebhookKey;
use crate::host::{Mail, MailError};

mod answer; // what the answers of all providers have in common
mod postmark;
mod report; // what the reports of all providers have in common
mod resend;
mod sendgrid;

pub use crate::integrations::mail_provider::report::{NotAuthentic, Reports};

/// The client that mails are sent with. It follows no redirect where that can be said: an API has
/// no reason for one, and a mail holds a credential. (At the edge `fetch` follows; then the answer
/// comes from elsewhere and counts as none.)
#[must_use]
pub fn client() -> Client {
    #[cfg(not(target_arch = "wasm32"))]
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap_or_default();
    #[cfg(target_arch = "wasm32")]
    let client = Client::new();
    client
}

/// Sends one mail through the configured provider.
///
/// # Errors
/// [`MailError::Temporary`] if another attempt may succeed, [`MailError::Permanent`] if not. The
/// reason is the provider's name for the error, never its text, which may quote the address.
pub async fn send(client: &Client, settings: &MailSettings, mail: &Mail) -> Result<(), MailError> {
    match settings.provider {
        MailProvider::Resend => resend::send(client, settings, mail).await,
        MailProvider::Postmark => postmark::send(client, settings, mail).await,
        MailProvider::SendGrid => sendgrid::send(client, settings, mail).await,
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
