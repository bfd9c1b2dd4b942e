//! `POST /mail/events`: the webhook of the mail provider. What it reports as bounced for good, or
//! called spam, is not mailed again. Not here: asking whether an address may be mailed
//! (`db/mail/outbox.rs`), and lifting a mark, which an operator does by command.

use std::iter::{once, repeat_with};

use axum::http::{HeaderMap, StatusCode};
use uuid::Uuid;

use crate::db::Error as DatabaseError;
use crate::db::mail::suppressions;
use crate::domain::mail::mail_event::MailEvent;
use crate::host;
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::UnreadJson;
use crate::integrations::mail_provider;
use crate::log::Event;

/// The database does not answer: the provider is to report again.
const NOT_RECORDED: Failure =
    Code::TemporarilyUnavailable.saying("The report could not be recorded at the moment, send it again");

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[Code::FeatureDisabled.failure(), NOT_RECORDED, Code::WebhookNotAuthentic.failure()];

/// Takes reports of the mail provider.
///
/// 1. Without `MAIL_WEBHOOK_SECRET` nothing could be told from a forgery, so nothing is taken.
/// 2. Verifies that the provider sent it, then reads it. What makes no sense is logged and passed
///    over: sent again, it would make no more.
/// 3. ONE statement for all reports. If it fails, the provider is told to come again: no bounce is
///    lost.
#[utoipa::path(
    post, path = "/auth/v1/mail/events", tag = "Operation", summary = "What became of mails",
    description = "The webhook for the mail provider, signed in the provider's own way; \
        docs/mail_providers.md has the settings. Addresses of which mail bounced for good or was \
        called spam are not mailed again.",
    request_body(content = serde_json::Value,
        description = "As the provider has it: an event, or an array of events",
        example = json!({
            "type": "email.bounced", "created_at": "2026-11-28T12:00:00.000Z",
            "data": {
                "email_id": "0193e2a0-4c1f-7b7e-9d55-0b6f7d0c1a2b", "to": ["ada@example.com"],
                "bounce": { "type": "Permanent" },
            },
        })),
    responses((status = 200, description = "Taken, or nothing that matters here")),
)]
pub async fn handle(call: Call, headers: HeaderMap, body: Result<UnreadJson, Error>) -> Result<StatusCode, Error> {
    // 1
    let mail = &call.app.config().mail;
    let key = mail.webhook_key.as_ref().ok_or(Code::FeatureDisabled)?;
    let UnreadJson(body) = body?;
    // 2
    let now = call.now;
    let reports = mail_provider::read_reports(key, &headers, &body, now).map_err(|_| Code::WebhookNotAuthentic)?;
    let provider = mail.provider.as_str();
    if reports.unreadable > 0 {
        let event = Event::warn("mail_report_unreadable").field("mail.provider", provider);
        call.log(event.field("mail.reports", reports.unreadable));
    }
    if reports.events.is_empty() {
        return Ok(StatusCode::OK);
    }
    // 3
    // The first record has the id of the call; of the others, each has one of its own.
    let further = repeat_with(|| host::random_id(call.app.entropy.as_ref()));
    let events: Vec<(Uuid, MailEvent)> = once(call.request_id).chain(further).zip(reports.events).collect();
    let suppressed = async {
        let mut db = call.connect().await?;
        suppressions::suppress(&mut db, provider, &events, now).await
    }
    .await
    .map_err(|fault: DatabaseError| Error::from(NOT_RECORDED).because(fault))?;
    let event = Event::warn("mail_suppressed").field("mail.provider", provider);
    call.log(event.field("mail.reports", events.len()).field("mail.suppressed", suppressed));
    Ok(StatusCode::OK)
}
