//! Which URLs may stand where: a link on a page, a link in a mail, the target of a form.
//!
//! Not here: where a confirmed sign-up may be sent (`domain/redirect.rs`).

use url::{Host, Url};

use super::RenderError;

/// The URL if a page may link to it: http, https, or an app's own scheme; else `None`, and the page
/// shows no link. It is read and spelt as browsers do, by `Url`, after `unbroken` has refused the
/// tabs they ignore inside a scheme.
pub(super) fn link_target(url: &str) -> Option<String> {
    /// Schemes that run or show what the URL itself contains, or that reach into the person's own
    /// machine.
    const NEVER: &str = "about blob chrome data file filesystem intent jar javascript livescript mhtml mocha \
        ms-msdt resource search-ms vbscript view-source ws wss";
    if !unbroken(url) {
        return None;
    }
    let url = Url::parse(url).ok()?;
    let harmless = NEVER.split(' ').all(|never| never != url.scheme());
    harmless.then(|| url.to_string())
}

/// What `form-action` of the page's Content-Security-Policy must list, besides `'self'`, for the
/// answer to the form to be a redirect to `url`: Chromium applies the directive to the redirect
/// too, and blocks it after the POST has taken effect. An origin for http(s), the scheme for an
/// app's own; `None` if the URL is no possible target. Spec:
/// <https://www.w3.org/TR/CSP3/#directive-form-action> and its issue w3c/webappsec-csp#8.
#[must_use]
pub fn csp_form_target(url: &str) -> Option<String> {
    let url = Url::parse(&link_target(url)?).ok()?;
    match url.host() {
        // `;` and `,` may stand in a host's name, and would end the directive.
        Some(Host::Domain(name)) if name.contains([';', ',']) => None,
        Some(Host::Domain(_) | Host::Ipv4(_)) if matches!(url.scheme(), "http" | "https") => {
            Some(url.origin().ascii_serialization())
        }
        // An app's own scheme; or an IPv6 address, which the grammar of CSP does not know.
        _ => Some(format!("{}:", url.scheme())),
    }
}

/// Whether the text has no white space and no control characters: browsers drop some of them, and
/// mail ends a link there.
fn unbroken(text: &str) -> bool {
    !text.chars().any(|character| character.is_control() || character.is_whitespace())
}

/// The URL if it is a plain absolute path on this host: `//host` and `/\host` are other hosts to a
/// browser.
pub(super) fn same_site_path(url: &str) -> Option<String> {
    let rest = url.strip_prefix('/')?;
    let plain = !rest.starts_with(['/', '\\']) && unbroken(url);
    plain.then(|| url.to_owned())
}

/// The link of a mail, as it is: http(s), and no character in it that would end it early in the
/// text part.
pub(super) fn mail_link(field: &'static str, url: &str) -> Result<String, RenderError> {
    let parsed = Url::parse(url).map_err(|_| RenderError::BadLink { field })?;
    let whole = unbroken(url) && !url.contains(['<', '>', '"']);
    if matches!(parsed.scheme(), "http" | "https") && whole {
        Ok(url.to_owned())
    } else {
        Err(RenderError::BadLink { field })
    }
}

/// Where a form may go.
pub(super) fn form_action(url: &str) -> Result<String, RenderError> {
    same_site_path(url).map_or_else(|| mail_link("action", url), Ok)
}
