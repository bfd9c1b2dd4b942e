//! The APIs of the mail providers, as far as a fake has to speak them: what came in is a mail
//! again, and what the fake says of it becomes the answer that Resend gives.

use axum::http::{HeaderMap, Method, StatusCode, header};
use edgegate::host::{BoxFuture, HttpError, HttpRequest};
use edgegate::integrations::mail_provider::{Mail, MailError};
use serde_json::{Value, json};

use super::http::Page;

/// Stands in for a mail provider.
pub trait MailProvider: Send + Sync {
    /// Takes one mail, or says what the adapter is to make of its answer.
    fn take<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>>;
}

/// The mail in a request to Resend, Postmark or SendGrid; nothing if it goes elsewhere.
pub fn read(request: &HttpRequest) -> Option<Mail> {
    if request.method != Method::POST {
        return None;
    }
    let body = || serde_json::from_slice::<Value>(&request.body).expect("JSON to the mail provider");
    let text = |value: &Value| value.as_str().expect("a text in a mail").to_owned();
    match request.url.path() {
        "/emails" => {
            let (body, key) = (body(), request.headers.get("idempotency-key").expect("a key"));
            Some(Mail {
                idempotency_key: key.to_str().expect("a key in ASCII").to_owned(),
                to: text(&body["to"][0]),
                subject: text(&body["subject"]),
                text: text(&body["text"]),
                html: text(&body["html"]),
            })
        }
        "/email" => {
            let body = body();
            Some(Mail {
                idempotency_key: text(&body["Metadata"]["mail_id"]),
                to: text(&body["To"]),
                subject: text(&body["Subject"]),
                text: text(&body["TextBody"]),
                html: text(&body["HtmlBody"]),
            })
        }
        "/v3/mail/send" => {
            let body = body();
            Some(Mail {
                idempotency_key: text(&body["custom_args"]["mail_id"]),
                to: text(&body["personalizations"][0]["to"][0]["email"]),
                subject: text(&body["subject"]),
                text: text(&body["content"][0]["value"]),
                html: text(&body["content"][1]["value"]),
            })
        }
        _ => None,
    }
}

/// The answer of Resend that is this outcome to its adapter: of `503 internal_server_error` the
/// status and the name of the error.
pub fn answer(outcome: Result<(), MailError>) -> Result<Page, HttpError> {
    let (reason, retry_after) = match outcome {
        Ok(()) => ("200".to_owned(), None),
        Err(MailError::Temporary { reason, retry_after }) => (reason, retry_after),
        Err(MailError::Permanent { reason }) => (reason, None),
    };
    if reason == "the provider did not answer" {
        return Err(HttpError::Unanswered);
    }
    let (status, name) = reason.split_once(' ').unwrap_or((&reason, ""));
    let status = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or_else(|| panic!("no provider answers {reason:?}"));
    let mut headers = HeaderMap::new();
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(Page { status, headers, body: json!({ "name": name }).to_string().into_bytes() })
}
