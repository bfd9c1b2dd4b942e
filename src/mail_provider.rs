//! Speaks the HTTP API of the mail provider, the same way natively and at the edge.
//!
//! Not here: retries and queueing, which are `outbox.rs`. The provider's answer is only classified.

use reqwest::{Client, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::config::{MailProvider, MailSettings};
use crate::host::{Mail, MailError};

/// Sends one mail through the configured provider.
///
/// # Errors
/// [`MailError::Temporary`] if another attempt may succeed, [`MailError::Permanent`] if not. The reason is the
/// provider's name for the error, never its text, which may quote the address.
pub async fn send(client: &Client, settings: &MailSettings, mail: &Mail) -> Result<(), MailError> {
    match settings.provider {
        MailProvider::Resend => send_by_resend(client, settings, mail).await,
    }
}

/// <https://resend.com/docs/api-reference/emails/send-email>
#[derive(Serialize)]
struct ResendMail<'a> {
    from: &'a str,
    to: [&'a str; 1],
    subject: &'a str,
    html: &'a str,
    text: &'a str,
}

/// <https://resend.com/docs/api-reference/errors>
#[derive(Deserialize)]
struct ResendError {
    name: String,
}

/// The answer to a mail under the key of one that was accepted before, with other words: an earlier attempt got through and
/// its answer was lost, and since then a deployment changed the wording. Sent is sent.
/// Source: <https://resend.com/docs/dashboard/emails/idempotency-keys>
const ALREADY_SENT: &str = "invalid_idempotent_request";

async fn send_by_resend(client: &Client, settings: &MailSettings, mail: &Mail) -> Result<(), MailError> {
    let url = format!("{}/emails", settings.api_url.as_str().trim_end_matches('/'));
    let response = client
        .post(url)
        .bearer_auth(&settings.api_key)
        .header(header::USER_AGENT, concat!("edgegate/", env!("CARGO_PKG_VERSION")))
        .header("Idempotency-Key", &mail.idempotency_key)
        .json(&ResendMail {
            from: &settings.from,
            to: [&mail.to],
            subject: &mail.subject,
            html: &mail.html,
            text: &mail.text,
        })
        .send()
        .await
        .map_err(|_| MailError::Temporary { reason: "the provider did not answer".to_owned(), retry_after: None })?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|seconds| seconds.parse().ok());
    let name = response.json::<ResendError>().await.map(|error| error.name).unwrap_or_default();
    if name == ALREADY_SENT {
        return Ok(());
    }
    let reason = format!("{} {}", status.as_u16(), name_only(&name)).trim_end().to_owned();
    Err(if is_temporary(status, &name) {
        MailError::Temporary { reason, retry_after }
    } else {
        MailError::Permanent { reason }
    })
}

/// Worth another try: the provider's faults and limits, an attempt still under way under the same idempotency key, and a
/// refused key or sender domain, which the operator repairs while the mail waits.
fn is_temporary(status: StatusCode, name: &str) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::REQUEST_TIMEOUT
                | StatusCode::UNAUTHORIZED
                | StatusCode::FORBIDDEN
        )
        || name == "concurrent_idempotent_requests"
}

/// An error name as it may be logged: the provider's identifiers look like `validation_error`. Anything else could quote
/// what we sent.
fn name_only(name: &str) -> &str {
    let is_identifier = name.len() <= 60 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_identifier { name } else { "" }
}
