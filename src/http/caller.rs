//! Who is calling, from what the edge vouches for. Headers that a client can set decide nothing
//! here.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::domain::account::user::Caller;

/// Set by Cloudflare's edge, which overwrites whatever the client sent. Source:
/// <https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-connecting-ip>
const CONNECTING_IP: &str = "cf-connecting-ip";

/// The longest `User-Agent` that is kept, in characters.
const USER_AGENT_MAX_CHARS: usize = 512;

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let ip = text(&parts.headers, CONNECTING_IP).and_then(|text| text.parse().ok());
        let user_agent = text(&parts.headers, header::USER_AGENT.as_str())
            .map(|agent| agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_MAX_CHARS).collect());
        Ok(Self { ip, user_agent })
    }
}

/// A header as text.
#[must_use]
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
