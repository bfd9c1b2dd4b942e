//! Postmark. It knows no idempotency key
//! (<https://postmarkapp.com/support/article/what-is-an-idempotency-key>): a mail whose answer was
//! lost is sent again and may arrive twice. Both copies carry our id as `Metadata`, which its
//! activity page and webhooks show.

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::MailSettings;
use crate::domain::mail::mail_event::Cause;
use crate::domain::mail::webhook_key::BasicCredentials;
use crate::host::{Http, HttpError, HttpRequest};
use crate::integrations::mail_provider::answer::{exchange, post};
use crate::integrations::mail_provider::report;
use crate::integrations::mail_provider::report::{NotAuthentic, Report, Reports, collect, items, text, time};
use crate::integrations::mail_provider::{Mail, MailError};

/// <https://postmarkapp.com/developer/api/email-api>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PostmarkMail<'a> {
    from: &'a str,
    to: &'a str,
    subject: &'a str,
    html_body: &'a str,
    text_body: &'a str,
    message_stream: &'a str,
    /// Tracked links lead through Postmark's servers, which would see the tokens in them.
    track_links: &'static str,
    track_opens: bool,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    mail_id: &'a str,
}

/// <https://postmarkapp.com/developer/api/overview#error-codes>. Also part of an answer that is
/// none.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PostmarkResult {
    error_code: i64,
    #[serde(default)]
    message: String,
}

fn request(settings: &MailSettings, mail: &Mail) -> Result<HttpRequest, HttpError> {
    post(settings, "/email")?
        .header(HeaderName::from_static("x-postmark-server-token"), &settings.api_key)?
        .header(header::ACCEPT, "application/json")?
        .json(&PostmarkMail {
            from: &settings.from,
            to: &mail.to,
            subject: &mail.subject,
            html_body: &mail.html,
            text_body: &mail.text,
            message_stream: &settings.stream,
            track_links: "None",
            track_opens: false,
            metadata: Metadata { mail_id: &mail.idempotency_key },
        })
}

pub(super) async fn send(http: &dyn Http, settings: &MailSettings, mail: &Mail) -> Result<(), MailError> {
    let answer = exchange(http, request(settings, mail)).await?;
    let outcome = answer.json::<PostmarkResult>();
    if answer.status.is_success() && outcome.as_ref().is_none_or(|outcome| outcome.error_code == 0) {
        return Ok(());
    }
    let repairable = outcome.as_ref().is_some_and(is_repairable);
    let name = outcome.map(|outcome| outcome.error_code.to_string()).unwrap_or_default();
    Err(answer.error(&name, answer.is_temporary() || repairable))
}

/// Whether the operator can repair it, or Postmark itself, while the mail waits. All but 401 and
/// 429 come with status 422.
fn is_repairable(outcome: &PostmarkResult) -> bool {
    match outcome.error_code {
        // 10 the token; 100 maintenance; 400, 401 the sender is not known or not confirmed; 405 no
        // credits; 412, 413 the account may not send yet, or any more; 429 too many; 1221 to 1236
        // the message stream.
        10 | 100 | 400 | 401 | 405 | 412 | 413 | 429 | 1221..=1236 => true,
        // An address in the request is wrong. Which one, only the text says.
        300 => outcome.message.starts_with("Invalid 'From'"),
        // 406 the recipient is suppressed, and whatever else is about the mail itself.
        _ => false,
    }
}

/// Reads a webhook of Postmark's.
pub(super) fn read_reports(
    credentials: &BasicCredentials,
    headers: &HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Reports, NotAuthentic> {
    if !credentials.verify(report::header(headers, header::AUTHORIZATION.as_str())?) {
        return Err(NotAuthentic);
    }
    Ok(collect(&items(body), now, read))
}

/// <https://postmarkapp.com/developer/webhooks/bounce-webhook>,
/// <https://postmarkapp.com/developer/webhooks/spam-complaint-webhook>,
/// <https://postmarkapp.com/developer/webhooks/subscription-change-webhook>
fn read(event: &Value) -> Option<Report<'_>> {
    let (address, cause, detail, at) = match text(event, "RecordType") {
        "Bounce" | "SpamComplaint" => {
            let kind = text(event, "Type");
            let cause = match kind {
                "HardBounce" | "BadEmailAddress" => Cause::Bounced,
                "SpamComplaint" => Cause::Complained,
                // Of every other kind, such as a full mailbox, Postmark says itself whether it goes
                // on.
                _ if event["Inactive"] == true => Cause::Refused,
                _ => return None,
            };
            (&event["Email"], cause, kind, "BouncedAt")
        }
        "SubscriptionChange" if event["SuppressSending"] == true => {
            let reason = text(event, "SuppressionReason");
            let cause = match reason {
                "HardBounce" => Cause::Bounced,
                "SpamComplaint" => Cause::Complained,
                _ => Cause::Refused,
            };
            (&event["Recipient"], cause, reason, "ChangedAt")
        }
        _ => return None,
    };
    Some(Report { address, cause, detail: detail.to_owned(), at: time(text(event, at)) })
}
