//! What the answers of all providers have in common: a status, perhaps a time to wait, perhaps an
//! error in JSON.

use chrono::{DateTime, FixedOffset};
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use serde::de::DeserializeOwned;

use crate::config::MailSettings;
use crate::domain::policy;
use crate::host::{Http, HttpError, HttpRequest};
use crate::integrations::mail_provider::MailError;

/// SendGrid's own name for when to try again, in Unix seconds. Source:
/// <https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits>
const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// An answer, with its body as far as that came whole.
pub(super) struct ProviderAnswer {
    pub status: StatusCode,
    /// Seconds that the provider asks us to wait.
    pub retry_after: Option<u32>,
    body: Vec<u8>,
}

/// A `POST` to a path of the provider's API, with our name on it: Resend's edge refuses those
/// without.
///
/// # Errors
/// [`HttpError::NotWritable`] if that makes no URL.
pub(super) fn post(settings: &MailSettings, path: &str) -> Result<HttpRequest, HttpError> {
    let url = format!("{}{path}", settings.api_url.as_str().trim_end_matches('/'));
    let url = Url::parse(&url).map_err(|_| HttpError::NotWritable)?;
    HttpRequest::new(Method::POST, url, policy::MAIL_ANSWER_MAX_BYTES)
        .header(header::USER_AGENT, concat!("edgegate/", env!("CARGO_PKG_VERSION")))
}

/// Sends a request, unless it could not even be written.
///
/// # Errors
/// [`MailError::Temporary`] if no answer came, or one from elsewhere: after a redirect it is
/// unknown who took the mail.
pub(super) async fn exchange(
    http: &dyn Http,
    request: Result<HttpRequest, HttpError>,
) -> Result<ProviderAnswer, MailError> {
    let response = http.send(request.map_err(not_sent)?).await.map_err(not_sent)?;
    Ok(ProviderAnswer {
        status: response.status,
        retry_after: retry_after(&response.headers),
        body: response.body.unwrap_or_default(),
    })
}

fn not_sent(error: HttpError) -> MailError {
    let reason = match error {
        HttpError::NotWritable => "the request could not be written",
        HttpError::Unanswered => "the provider did not answer",
        HttpError::Redirected => "the provider redirects: is MAIL_API_URL right?",
    };
    temporary(reason, None)
}

impl ProviderAnswer {
    /// The body as JSON; nothing if it is none.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The error that this answer is, by the provider's `name` for it.
    pub(super) fn error(&self, name: &str, is_temporary: bool) -> MailError {
        let reason = format!("{} {}", self.status.as_u16(), name_only(name)).trim_end().to_owned();
        if is_temporary { temporary(reason, self.retry_after) } else { MailError::Permanent { reason } }
    }

    /// Worth another try whatever the provider calls it: its own faults and limits, and a refused
    /// key or sender, which the operator repairs while the mail waits.
    pub(super) fn is_temporary(&self) -> bool {
        self.status.is_server_error()
            || matches!(
                self.status,
                StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::REQUEST_TIMEOUT
                    | StatusCode::UNAUTHORIZED
                    | StatusCode::FORBIDDEN
            )
    }
}

fn temporary(reason: impl Into<String>, retry_after: Option<u32>) -> MailError {
    MailError::Temporary { reason: reason.into(), retry_after }
}

/// `Retry-After` in seconds or as a date, or SendGrid's header for the same. A date counts from the
/// answer's own `Date`, so that no difference between our clock and the provider's goes into it.
/// Spec: [RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)
fn retry_after(headers: &HeaderMap) -> Option<u32> {
    let text = |name: HeaderName| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::trim);
    let until = |at: i64| {
        let answered_at = text(header::DATE).and_then(date)?;
        u32::try_from(at - answered_at.timestamp()).ok()
    };
    match text(header::RETRY_AFTER) {
        Some(asked) => asked.parse().ok().or_else(|| until(date(asked)?.timestamp())),
        None => text(RATE_LIMIT_RESET)?.parse().ok().and_then(until),
    }
}

/// An HTTP date in the form that senders must use (`IMF-fixdate`), which is one that mails have.
fn date(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc2822(text).ok()
}

/// An error name as it may be logged: the providers' identifiers look like `validation_error`,
/// `406` or `personalizations.0.to`. Anything else could quote what we sent.
fn name_only(name: &str) -> &str {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte);
    if name.len() <= 60 && name.bytes().all(is_part) { name } else { "" }
}
