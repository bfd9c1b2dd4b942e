//! Who makes a call by a bearer token (`Authorization: Bearer …`, RFC 6750): a signed-in user, or a
//! service that introspects. The token is verified here, without the database. Whether the session
//! of an access token still lives only PostgreSQL knows: it is checked by the statement that takes
//! the [`CallerSession`], which a handler gets from [`SignedIn::connect`] alone.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::argument::{Argument, Asker};
use super::call::Call;
use super::error::{Code, Error, Failure};
use super::extract::text;
use crate::db::Connection;
use crate::db::session::sessions::CallerSession;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::token::access_token::{AccessTokenClaims, Expected};
use crate::domain::token::service_token::Right;

/// A signed-in user who makes a call.
pub struct SignedIn {
    /// What the access token says, verified.
    pub claims: AccessTokenClaims,
    /// The call.
    pub call: Call,
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let call = Call::from_request_parts(parts, state).await?;
        let token = bearer_token(&parts.headers)?;
        let config = call.app.config();
        let expected = Expected { issuer: &config.tokens.issuer, audience: &config.tokens.audience, now: call.now };
        let claims = config.tokens.signing_keys.verify(token, &expected)?;
        Ok(Self { claims, call })
    }
}

/// What the token tells, and what the statement finds that takes the [`CallerSession`].
impl Argument for SignedIn {
    const ASKER: Asker = Asker::User;
    const FAILURES: &'static [Failure] = &[
        Code::BadJwt.failure(),
        Code::InsufficientAal.failure(),
        Code::NoAuthorization.failure(),
        Code::SessionNotFound.failure(),
        Code::UserBanned.failure(),
        Code::UserNotFound.failure(),
    ];
}

/// The caller has a valid access token. Whether its session still lives is not asked, so this is
/// for calls whose answer tells nothing and changes nothing.
pub struct TokenHolder;

impl<S: Sync> FromRequestParts<S> for TokenHolder {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        SignedIn::from_request_parts(parts, state).await?;
        Ok(Self)
    }
}

impl Argument for TokenHolder {
    const ASKER: Asker = Asker::User;
    const FAILURES: &'static [Failure] = &[Code::BadJwt.failure(), Code::NoAuthorization.failure()];
}

impl SignedIn {
    /// A connection for a call that takes assurance of `level`, and the session that its statements
    /// demand.
    ///
    /// # Errors
    /// [`Code::InsufficientAal`] if the session has reached less; a fault if there is no
    /// connection.
    pub async fn connect(&self, level: AssuranceLevel) -> Result<(Connection<'_>, CallerSession), Error> {
        if self.claims.aal < level {
            return Err(Code::InsufficientAal.into());
        }
        let Self { claims, call } = self;
        let idle_since = call.now - call.app.config().sessions.inactivity;
        let session = CallerSession::new(claims.sub, claims.session_id, call.now, idle_since);
        Ok((call.connect().await?, session))
    }
}

/// The caller is a program of the operator's that may introspect.
pub struct Introspector;

impl<S: Sync> FromRequestParts<S> for Introspector {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let call = Call::from_request_parts(parts, state).await?;
        let token = bearer_token(&parts.headers)?;
        call.app.config().tokens.signing_keys.verify_service(token, Right::Introspect, call.now)?;
        Ok(Self)
    }
}

impl Argument for Introspector {
    const ASKER: Asker = Asker::Service;
    const FAILURES: &'static [Failure] =
        &[Code::BadJwt.failure(), Code::NoAuthorization.failure(), Code::NotAdmin.failure()];
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
