//! What the hosted pages share: their headers, the cookie of the browser that signed up, the
//! cross-site guard.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Encoding};
use chrono::TimeDelta;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

use super::error::{Code, Error};
use super::extract::text;
use crate::app::App;
use crate::domain::credential::one_time_token::{BrowserToken, TokenDigest};
use crate::domain::locale::Locale;
use crate::host;
use crate::render::{Page, csp_form_target};

/// Binds a sign-up to its browser. `__Host-`: set by this origin alone, over TLS, for no subdomain.
const BROWSER_COOKIE: &str = "__Host-edgegate-browser";

/// Renders a page with a nonce of its own, in the language the browser asks for. `leads_to` is
/// where its form's answer may redirect: browsers check redirects against `form-action` too.
///
/// # Errors
/// [`Error::unexpected`] if a template is broken.
pub fn page(
    app: &App,
    status: StatusCode,
    page: &Page,
    headers: &HeaderMap,
    leads_to: Option<&str>,
) -> Result<Response, Error> {
    let nonce = Base64::encode_string(&host::random::<16>(app.entropy.as_ref()));
    let html = app.parts.renderer.page(page, locale_of(headers), &nonce).map_err(Error::unexpected)?;
    let form_action = leads_to.and_then(csp_form_target).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; \
         form-action 'self' {form_action}; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    );
    let policy = HeaderValue::from_str(&policy).map_err(Error::unexpected)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::VARY, HeaderValue::from_static("Accept-Language, Cookie")),
    ];
    Ok((status, headers, html).into_response())
}

/// The language a browser asks for.
#[must_use]
pub fn locale_of(headers: &HeaderMap) -> Locale {
    Locale::from_accept_language(text(headers, header::ACCEPT_LANGUAGE.as_str()))
}

/// The `Set-Cookie` that binds a link to this browser, for as long as the link lives.
#[must_use]
pub fn bind_browser(token: &BrowserToken, lifetime: TimeDelta) -> HeaderValue {
    set_cookie(token.to_text().as_str(), lifetime.num_seconds())
}

/// The `Set-Cookie` that removes it.
#[must_use]
pub fn unbind_browser() -> HeaderValue {
    set_cookie("", 0)
}

fn set_cookie(value: &str, seconds: i64) -> HeaderValue {
    let cookie = Cookie::build((BROWSER_COOKIE, value))
        .path("/")
        .secure(true)
        .http_only(true)
        // Lax: the link is followed from a mail, which is a cross-site navigation.
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(seconds));
    HeaderValue::from_str(&cookie.to_string()).expect("name and base64url value are plain ASCII")
}

/// Digest of the cookie of a browser that signed up, if it has one.
#[must_use]
pub fn browser_digest(headers: &HeaderMap) -> Option<TokenDigest> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == BROWSER_COOKIE)
        .and_then(|cookie| BrowserToken::parse(cookie.value()))
        .map(|token| token.digest())
}

/// Refuses a form that another site's page sent: it could sign a person in to the attacker's
/// account. `Sec-Fetch-Site` decides where the browser sends it, else `Origin`, which our pages'
/// `no-referrer` may turn to `null`.
///
/// # Errors
/// [`Code::CrossSiteRequest`].
pub fn refuse_cross_site(app: &App, headers: &HeaderMap) -> Result<(), Error> {
    let ours = app.config().site.external_url.origin().ascii_serialization();
    let same = match text(headers, "sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => text(headers, header::ORIGIN.as_str()) == Some(ours.as_str()),
    };
    if same { Ok(()) } else { Err(Code::CrossSiteRequest.into()) }
}
