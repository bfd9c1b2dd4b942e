//! An answer, read whole.

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use edgegate::endpoints::routes;
use serde_json::Value;

/// Status, headers and body of a response.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.text())
    }
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a whole body").to_vec();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The stable error code, whatever the shape of the body.
    pub fn code(&self) -> String {
        self.header("x-sb-error-code").unwrap_or_default()
    }

    /// Status and error code of a refusal.
    pub fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.code())
    }

    /// Refuses to go on unless the call succeeded.
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert!(self.status.is_success() || self.status.is_redirection(), "{self:?}");
        self
    }

    /// The access token of a session.
    pub fn access_token(&self) -> String {
        self.json()["access_token"].as_str().unwrap_or_else(|| panic!("no session: {self:?}")).to_owned()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| value.to_str().expect("ASCII").to_owned())
    }

    /// `name=value` of the cookie that the answer sets.
    pub fn cookie(&self) -> String {
        let header = self.header("set-cookie").expect("a cookie");
        header.split(';').next().expect("name and value").to_owned()
    }

    /// Where a redirect leads, and the parameters in its fragment.
    pub fn redirect(&self) -> (String, BTreeMap<String, String>) {
        let location = self.header("location").unwrap_or_else(|| panic!("no redirect: {self:?}"));
        let (place, fragment) = location.split_once('#').expect("a fragment");
        (place.to_owned(), serde_urlencoded::from_str(fragment).expect("parameters"))
    }

    /// Every refusal must be one that the endpoint says it can give: the API document is made of
    /// the same lists.
    pub(super) fn assert_documented(&self, method: &Method, path: &str) {
        let code = self.code();
        let method = method.as_str().to_ascii_lowercase();
        let rest = path.strip_prefix("/auth/v1").unwrap_or_default();
        // As the router chooses: what is spelled out comes before what stands in braces.
        let patterns = routes().map(|route| route.path).filter(|pattern| fits(rest, pattern));
        let pattern = patterns.min_by_key(|pattern| pattern.matches('{').count());
        let route = routes().find(|route| route.method == method && Some(route.path) == pattern);
        let (false, Some(route)) = (["", "not_found"].contains(&code.as_str()), route) else { return };
        let known = route.failures.iter().any(|failure| failure.code.as_str() == code && failure.status == self.status);
        assert!(known, "{method} {path} answered {} {code}, which is not among its FAILURES", self.status);
    }
}

/// Whether a path is one of the route `pattern`, where `{id}` stands for anything.
fn fits(path: &str, pattern: &str) -> bool {
    let (parts, wanted): (Vec<_>, Vec<_>) = (path.split('/').collect(), pattern.split('/').collect());
    parts.len() == wanted.len()
        && parts.iter().zip(wanted).all(|(part, wanted)| wanted.starts_with('{') || *part == wanted)
}
