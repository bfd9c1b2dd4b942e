//! Resend. It takes an idempotency key: a mail sent again is no second mail.

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::MailSettings;
use crate::domain::mail::mail_event::Cause;
use crate::domain::mail::webhook_key::SvixKey;
use crate::host::{Http, HttpError, HttpRequest};
use crate::integrations::mail_provider::answer::{exchange, post};
use crate::integrations::mail_provider::report;
use crate::integrations::mail_provider::report::{NotAuthentic, Report, Reports, collect, items, text, time};
use crate::integrations::mail_provider::{Mail, MailError};

/// <https://resend.com/docs/api-reference/emails/send-email>. Tracking is a setting of the domain
/// there, not of a mail.
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

/// The answer to a mail under the key of one that was accepted before, with other words: an earlier
/// attempt got through and its answer was lost, and since then a deployment changed the wording.
/// Sent is sent. Source: <https://resend.com/docs/dashboard/emails/idempotency-keys>
const ALREADY_SENT: &str = "invalid_idempotent_request";

/// An earlier attempt is still under way.
const UNDER_WAY: &str = "concurrent_idempotent_requests";

fn request(settings: &MailSettings, mail: &Mail) -> Result<HttpRequest, HttpError> {
    post(settings, "/emails")?
        .header(header::AUTHORIZATION, &format!("Bearer {}", settings.api_key))?
        .header(HeaderName::from_static("idempotency-key"), &mail.idempotency_key)?
        .json(&ResendMail {
            from: &settings.from,
            to: [&mail.to],
            subject: &mail.subject,
            html: &mail.html,
            text: &mail.text,
        })
}

pub(super) async fn send(http: &dyn Http, settings: &MailSettings, mail: &Mail) -> Result<(), MailError> {
    let answer = exchange(http, request(settings, mail)).await?;
    if answer.status.is_success() {
        return Ok(());
    }
    match answer.json::<ResendError>().map(|error| error.name).unwrap_or_default().as_str() {
        ALREADY_SENT => Ok(()),
        name => Err(answer.error(name, answer.is_temporary() || name == UNDER_WAY)),
    }
}

/// Reads a webhook of Resend's, which Svix signs and delivers.
pub(super) fn read_reports(
    key: &SvixKey,
    headers: &HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Reports, NotAuthentic> {
    let [id, timestamp, signatures] =
        ["svix-id", "svix-timestamp", "svix-signature"].map(|name| report::header(headers, name));
    if !key.verify(id?, timestamp?, signatures?, body, now) {
        return Err(NotAuthentic);
    }
    Ok(collect(&items(body), now, read))
}

/// <https://resend.com/docs/webhooks/event-types>
fn read(event: &Value) -> Option<Report<'_>> {
    let data = &event["data"];
    let (address, cause, detail) = match text(event, "type") {
        "email.bounced" => {
            let bounce = &data["bounce"];
            // The other types, `Transient` and `Undetermined`, may well be delivered next time.
            if text(bounce, "type") != "Permanent" {
                return None;
            }
            (recipient(data)?, Cause::Bounced, format!("Permanent/{}", text(bounce, "subType")))
        }
        "email.complained" => (recipient(data)?, Cause::Complained, "email.complained".to_owned()),
        "email.suppressed" => {
            (recipient(data)?, Cause::Refused, format!("suppressed/{}", text(&data["suppressed"], "type")))
        }
        "suppression.added" => {
            let origin = text(data, "origin");
            let cause = match origin {
                "bounce" => Cause::Bounced,
                "complaint" => Cause::Complained,
                _ => Cause::Refused,
            };
            (&data["email"], cause, format!("suppression/{origin}"))
        }
        _ => return None,
    };
    Some(Report { address, cause, detail, at: time(text(event, "created_at")) })
}

/// Whom the mail went to. Of a mail to several, which edgegate never sends, a report does not say
/// whom it is about.
fn recipient(data: &Value) -> Option<&Value> {
    match &data["to"] {
        Value::Array(list) if list.len() > 1 => None,
        Value::Array(list) => Some(list.first().unwrap_or(&Value::Null)),
        single => Some(single),
    }
}
