//! Around every request: an id, a time limit, the protocol's error shape, security headers, one log
//! line.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use futures_util::future::{Either, select};
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::Call;
use super::error::{Code, Error};
use super::extract::text;
use super::page::page;
use crate::app::App;
use crate::domain::policy;
use crate::log::Event;
use crate::render::{Page, Problem};

/// Put into a response's extensions by a handler: whose account the request turned out to be about.
#[derive(Debug, Clone, Copy)]
pub struct AccountId(pub Uuid);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The protocol's version header. Clients read `code` only if it comes back.
pub const API_VERSION: HeaderName = HeaderName::from_static("x-supabase-api-version");
/// The error code of every refusal, whatever its body.
pub const ERROR_CODE: HeaderName = HeaderName::from_static("x-sb-error-code");
const NEWEST_API_VERSION: &str = "2024-01-01";

/// Headers of every response, unless the handler set its own. OWASP ASVS 5.0: V3.4, 14.3.2.
const DEFAULT_HEADERS: [(HeaderName, &str); 8] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-site"),
];

/// The middleware. Handlers get the [`Call`] that it makes, and no application but that one.
pub async fn answer(Extension(app): Extension<Arc<App>>, mut request: Request, next: Next) -> Response {
    let call = Call::begin(&app, request.headers());
    let (app, started, id) = (Arc::clone(&call.app), call.now, call.request_id);
    request.extensions_mut().remove::<Arc<App>>();
    request.extensions_mut().insert(call);
    let method = request.method().clone();
    // The pattern, not the path: a path may hold a token.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let version = api_version(request.headers());
    let asked = request.headers().clone();

    let mut response = match select(Box::pin(next.run(request)), app.clock.sleep(policy::REQUEST_TIMEOUT)).await {
        Either::Left((response, _)) => response,
        Either::Right(_) => Error::from(Code::RequestTimeout).into_response(),
    };

    let error = response.extensions_mut().remove::<Error>();
    let account = response.extensions().get::<AccountId>().map(|AccountId(id)| id.to_string());
    if let Some(error) = &error {
        let page = is_browser_navigation(&asked).then(|| problem_page(&app, error, &asked, id).ok()).flatten();
        let inner = std::mem::replace(&mut response, page.unwrap_or_else(|| error_body(error, version, id)));
        keep_headers(inner.headers(), response.headers_mut());
        error_headers(error, response.headers_mut());
    }
    let status = response.status();
    let headers = response.headers_mut();
    if version.is_some() {
        headers.insert(API_VERSION, HeaderValue::from_static(NEWEST_API_VERSION));
    }
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    default_headers(headers);

    let event = match &error {
        _ if status.is_server_error() => Event::error("request"),
        Some(_) => Event::warn("request"),
        None => Event::info("request"),
    };
    app.log(
        event
            .field("http.method", method.as_str())
            .field("http.route", route)
            .field("http.status", status.as_u16())
            .field("duration_ms", (app.clock.now() - started).num_milliseconds())
            .field("account.id", account)
            .field("error.code", error.as_ref().map(|error| error.code.as_str()))
            .field("error.cause", error.and_then(|error| error.cause)),
    );
    response
}

/// Adds the headers of every response to those that it has.
pub fn default_headers(headers: &mut HeaderMap) {
    for (name, value) in DEFAULT_HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// What the layers inside said about the response goes for its body too: CORS, without which no
/// page could read it.
fn keep_headers(inner: &HeaderMap, headers: &mut HeaderMap) {
    for (name, value) in inner.iter().filter(|(name, _)| ![header::CONTENT_LENGTH, header::CONTENT_TYPE].contains(name))
    {
        headers.append(name, value.clone());
    }
}

/// The protocol version a client asks for: `Some` for a date from 2024-01-01 on.
fn api_version(headers: &HeaderMap) -> Option<NaiveDate> {
    let asked: NaiveDate = text(headers, API_VERSION.as_str())?.parse().ok()?;
    (asked >= NEWEST_API_VERSION.parse().ok()?).then_some(asked)
}

/// Whether a person is looking: browsers ask for `text/html` when they go to a page, and scripts do
/// not.
fn is_browser_navigation(headers: &HeaderMap) -> bool {
    text(headers, header::ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/html"))
}

/// The error as a page, for somebody who followed a link or pressed a button.
fn problem_page(app: &App, error: &Error, headers: &HeaderMap, request_id: Uuid) -> Result<Response, Error> {
    let status = error.status;
    let problem = match error.code {
        Code::NotFound | Code::MethodNotAllowed => Problem::NotFound,
        Code::CrossSiteRequest => Problem::CrossSite,
        Code::OverCapacity => Problem::TooManyAttempts { retry_after_seconds: Some(1) },
        _ if status == StatusCode::TOO_MANY_REQUESTS => {
            Problem::TooManyAttempts { retry_after_seconds: error.retry_after }
        }
        _ if status.is_server_error() => Problem::Unexpected,
        _ => Problem::BadRequest,
    };
    let content = Page::Problem { status: status.as_u16(), problem, request_id: Some(request_id.to_string()) };
    page(app, status, &content, headers, None)
}

/// The protocol's two error shapes: with `code` as a word for clients that name a version, with
/// `error_code` for others.
fn error_body(error: &Error, version: Option<NaiveDate>, request_id: Uuid) -> Response {
    let (status, code) = (error.status, error.code.as_str());
    let mut body = match version {
        Some(_) => json!({ "code": code, "message": error.message }),
        None => json!({ "code": status.as_u16(), "error_code": code, "msg": error.message }),
    };
    if let Value::Object(members) = &mut body {
        if version.is_none() && status.is_server_error() {
            members.insert("error_id".to_owned(), json!(request_id));
        }
        if error.code == Code::WeakPassword {
            members.insert("weak_password".to_owned(), json!({ "reasons": error.weak_password_reasons }));
        }
    }
    (status, axum::Json(body)).into_response()
}

/// What every refusal says in its headers, whatever its body.
fn error_headers(error: &Error, headers: &mut HeaderMap) {
    headers.insert(ERROR_CODE, HeaderValue::from_static(error.code.as_str()));
    if let Some(seconds) = error.retry_after.or((error.status == StatusCode::SERVICE_UNAVAILABLE).then_some(1)) {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if error.status == StatusCode::UNAUTHORIZED {
        // RFC 6750 §3.1: no error attribute when no token came at all.
        let challenge = match error.code {
            Code::NoAuthorization => "Bearer",
            // The one proof of a webhook that is a scheme of HTTP.
            Code::WebhookNotAuthentic => "Basic realm=\"webhooks\"",
            _ => "Bearer error=\"invalid_token\"",
        };
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
}
