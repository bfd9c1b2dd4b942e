//! Where a person may be sent back to after a mail link: `redirect_to`, checked against `SITE_URL`
//! and the allow list. Not here: OAuth redirect URIs, which are compared as exact strings per
//! client.
//!
//! A URL passes only if it is written in the one canonical form that the URL standard gives it, so
//! what is compared is what browsers will open: no `/../`, no other spelling of a host or an IP
//! address, no backslash or tab that a parser drops. Then origin and path are compared. Anything
//! else leads to `SITE_URL`, silently, as Supabase Auth does it.

use url::Url;

use super::policy;

/// Parameters that we put into the address ourselves when sending somebody back; the writer of the
/// link may not.
const RESERVED_PARAMETERS: [&str; 11] = [
    "access_token",
    "code",
    "error",
    "error_code",
    "error_description",
    "expires_at",
    "expires_in",
    "message",
    "refresh_token",
    "token_hash",
    "type",
];

/// Octets that a server may decode once more and then read as part of the path's structure: `.`,
/// `/`, `\`, `%`, and NUL.
const STRUCTURAL_ESCAPES: [&str; 5] = ["%2e", "%2f", "%5c", "%25", "%00"];

/// Where people may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectPolicy {
    /// The app's own URL, for everybody without an allowed wish.
    pub site_url: Url,
    /// Further places: an http(s) URL allows its origin and everything below its path; a URL of an
    /// app's own scheme, as `com.example.app://callback`, allows exactly itself. Read them by
    /// [`RedirectPolicy::parse_allowed`].
    pub allowed: Vec<Url>,
}

impl RedirectPolicy {
    /// Reads one entry of the allow list: `None` unless it is a canonical URL without wildcard,
    /// credentials, query and fragment, and of a scheme that leads to a page or an app. Plain http
    /// is for loopback addresses only.
    #[must_use]
    pub fn parse_allowed(text: &str) -> Option<Url> {
        let url = canonical(text)?;
        let plain = url.query().is_none() && !text.contains('*');
        let sound = match url.scheme() {
            "https" => true,
            "http" => is_loopback(&url),
            scheme => is_app_scheme(scheme),
        };
        (plain && sound).then_some(url)
    }

    /// Where to send somebody who asked for `requested`: there if it is allowed, else to
    /// `SITE_URL`.
    #[must_use]
    pub fn resolve(&self, requested: Option<&str>) -> Url {
        requested.and_then(|text| self.allow(text)).unwrap_or_else(|| self.site_url.clone())
    }

    fn allow(&self, text: &str) -> Option<Url> {
        let url = canonical(text)?;
        let path = url.path().to_ascii_lowercase();
        let harmless = !STRUCTURAL_ESCAPES.iter().any(|escape| path.contains(escape))
            && !url.query_pairs().any(|(name, _)| RESERVED_PARAMETERS.contains(&name.as_ref()));
        let mut places = std::iter::once(&self.site_url).chain(&self.allowed);
        (harmless && places.any(|place| covers(place, &url))).then_some(url)
    }
}

/// The URL, if `text` is its canonical form; a missing slash after the host is forgiven. No
/// credentials, no fragment.
fn canonical(text: &str) -> Option<Url> {
    if text.len() > policy::REDIRECT_URL_MAX_BYTES {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let same = url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (same && plain && !text.contains('#')).then_some(url)
}

/// Whether `url` lies at or below `place`.
fn covers(place: &Url, url: &Url) -> bool {
    if !matches!(place.scheme(), "http" | "https") {
        return is_app_scheme(place.scheme()) && place == url;
    }
    // The scheme by itself too: a `blob:` URL has the origin of the page that made it.
    if place.scheme() != url.scheme() || place.origin() != url.origin() {
        return false;
    }
    let base = place.path().trim_end_matches('/');
    url.path().strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a scheme is an app's own: in reverse domain notation. Source: RFC 8252 §7.1.
fn is_app_scheme(scheme: &str) -> bool {
    scheme.contains('.')
}

/// Whether the host is this very machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
