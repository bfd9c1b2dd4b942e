//! The access token of a call: read from `Authorization: Bearer …` (RFC 6750) and verified, without the database.
//! Not here: whether its session still lives, which only PostgreSQL knows.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::caller::text;
use super::error::{Code, Error};
use crate::app::App;
use crate::domain::access_token::{AccessTokenClaims, Expected};

/// The verified claims of the caller's access token.
pub struct Bearer(pub AccessTokenClaims);

impl FromRequestParts<Arc<App>> for Bearer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        if parts.headers.get_all(header::AUTHORIZATION).iter().count() > 1 {
            return Err(Code::NoAuthorization.into());
        }
        let given = text(&parts.headers, header::AUTHORIZATION.as_str()).unwrap_or_default();
        let token = match given.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => token,
            _ => return Err(Code::NoAuthorization.into()),
        };
        let config = app.config();
        let expected = Expected { issuer: &config.issuer, audience: &config.audience, now: app.clock.now() };
        Ok(Self(config.signing_keys.verify(token, &expected)?))
    }
}
