//! The token of a call: read from `Authorization: Bearer …` (RFC 6750) and verified, without the
//! database. Not here: whether the session of an access token still lives, which only PostgreSQL
//! knows.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::{Extension, RequestPartsExt};

use super::caller::text;
use super::error::{Code, Error};
use crate::app::App;
use crate::domain::token::access_token::{AccessTokenClaims, Expected};
use crate::domain::token::service_token::Right;

/// The verified claims of the caller's access token.
pub struct Bearer(pub AccessTokenClaims);

impl<S: Send + Sync> FromRequestParts<S> for Bearer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let Extension(app): Extension<Arc<App>> = parts.extract().await.map_err(Error::unexpected)?;
        let token = bearer_token(&parts.headers)?;
        let config = app.config();
        let expected =
            Expected { issuer: &config.tokens.issuer, audience: &config.tokens.audience, now: app.clock.now() };
        Ok(Self(config.tokens.signing_keys.verify(token, &expected)?))
    }
}

/// The caller is a program of the operator's that may introspect.
pub struct Introspector;

impl<S: Send + Sync> FromRequestParts<S> for Introspector {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let Extension(app): Extension<Arc<App>> = parts.extract().await.map_err(Error::unexpected)?;
        let token = bearer_token(&parts.headers)?;
        app.config().tokens.signing_keys.verify_service(token, Right::Introspect, app.clock.now())?;
        Ok(Self)
    }
}

/// The token of the `Authorization` header.
///
/// # Errors
/// [`Code::NoAuthorization`] if there is none, or more than one.
pub(super) fn bearer_token(headers: &HeaderMap) -> Result<&str, Error> {
    if headers.get_all(header::AUTHORIZATION).iter().count() > 1 {
        return Err(Code::NoAuthorization.into());
    }
    match text(headers, header::AUTHORIZATION.as_str()).unwrap_or_default().split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => Ok(token),
        _ => Err(Code::NoAuthorization.into()),
    }
}
