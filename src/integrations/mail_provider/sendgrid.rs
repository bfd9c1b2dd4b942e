//! SendGrid. It knows no idempotency key: a mail whose answer was lost is sent again and may arrive
//! twice. Both copies carry our id among `custom_args`, which its activity page and webhooks show.

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::config::MailSettings;
use crate::domain::mail::mail_event::Cause;
use crate::domain::mail::webhook_key::SendGridKey;
use crate::host::{Http, HttpError, HttpRequest};
use crate::integrations::mail_provider::answer::{exchange, post};
use crate::integrations::mail_provider::report;
use crate::integrations::mail_provider::report::{NotAuthentic, Report, Reports, collect, items, text};
use crate::integrations::mail_provider::{Mail, MailError};

/// <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>
fn content(settings: &MailSettings, mail: &Mail) -> Value {
    json!({
        "personalizations": [{ "to": [{ "email": mail.to }] }],
        "from": Sender::of(&settings.from),
        "subject": mail.subject,
        // Plain text first: the order is checked.
        "content": [
            { "type": "text/plain", "value": mail.text },
            { "type": "text/html", "value": mail.html },
        ],
        "custom_args": { "mail_id": mail.idempotency_key },
        // Tracked links lead through SendGrid's servers, which would see the tokens in them.
        // Whatever the account is set to.
        "tracking_settings": {
            "click_tracking": { "enable": false, "enable_text": false },
            "open_tracking": { "enable": false },
            "subscription_tracking": { "enable": false },
            "ganalytics": { "enable": false },
        },
    })
}

/// A sender in two parts.
#[derive(Serialize)]
struct Sender<'a> {
    email: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

impl<'a> Sender<'a> {
    /// Of `Name <address>`, or of an address: the forms of `MAIL_FROM`.
    fn of(from: &'a str) -> Self {
        match from.strip_suffix('>').and_then(|from| from.rsplit_once('<')) {
            Some((name, email)) => Self { email: email.trim(), name: name.trim().trim_matches('"') },
            None => Self { email: from, name: "" },
        }
    }
}

/// <https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses>
#[derive(Deserialize)]
struct SendGridErrors {
    errors: Vec<SendGridError>,
}

#[derive(Deserialize)]
struct SendGridError {
    /// Which member of the request, such as `personalizations.0.to.0.email`.
    field: Option<String>,
}

fn request(settings: &MailSettings, mail: &Mail) -> Result<HttpRequest, HttpError> {
    post(settings, "/v3/mail/send")?
        .header(header::AUTHORIZATION, &format!("Bearer {}", settings.api_key))?
        .json(&content(settings, mail))
}

pub(super) async fn send(http: &dyn Http, settings: &MailSettings, mail: &Mail) -> Result<(), MailError> {
    let answer = exchange(http, request(settings, mail)).await?;
    if answer.status.is_success() {
        return Ok(());
    }
    let problems = answer.json::<SendGridErrors>().map(|error| error.errors).unwrap_or_default();
    let field = problems.into_iter().find_map(|problem| problem.field).unwrap_or_default();
    // What is wrong with the sender the operator repairs while the mail waits, as with a refused
    // key.
    let is_about_sender = field == "from" || field.starts_with("from.");
    Err(answer.error(&field, answer.is_temporary() || is_about_sender))
}

/// Reads a call of SendGrid's event webhook: an array of events, of many mails.
pub(super) fn read_reports(
    key: &SendGridKey,
    headers: &HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Reports, NotAuthentic> {
    let timestamp = report::header(headers, "x-twilio-email-event-webhook-timestamp")?;
    let signature = report::header(headers, "x-twilio-email-event-webhook-signature")?;
    if !key.verify(timestamp, signature, body, now) {
        return Err(NotAuthentic);
    }
    Ok(collect(&items(body), now, read))
}

/// <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>
fn read(event: &Value) -> Option<Report<'_>> {
    let (cause, detail) = match text(event, "event") {
        // The other type, `blocked`, may well be delivered next time.
        "bounce" if text(event, "type") == "bounce" => {
            let parts = [text(event, "status"), text(event, "bounce_classification")];
            (Cause::Bounced, parts.join(" "))
        }
        "spamreport" => (Cause::Complained, "spamreport".to_owned()),
        "dropped" => match text(event, "reason") {
            reason @ ("Bounced Address" | "Spam Reporting Address" | "Unsubscribed Address" | "Invalid") => {
                (Cause::Refused, format!("dropped: {reason}"))
            }
            // The other reasons are about the mail or the account, not about the address.
            _ => return None,
        },
        _ => return None,
    };
    let at = event["timestamp"].as_i64().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    Some(Report { address: &event["email"], cause, detail, at })
}
