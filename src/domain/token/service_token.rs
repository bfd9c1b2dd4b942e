//! The service token: a JWT signed by one of `JWT_KEYS` with which an operator's own programs call
//! the admin API, or introspect. Made by `npm run keys -- token`; clients of the wire protocol call
//! it the service-role key. Not here: access tokens of users, which never pass for one.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use thiserror::Error;

use crate::domain::token::access_token::{AccessTokenError, SigningKeys, is_ahead};

/// Roles that may administer, as in Supabase Auth.
const ADMINISTRATORS: [&str; 2] = ["service_role", "supabase_admin"];

/// The role that may introspect and nothing else.
const INTROSPECTOR: &str = "introspector";

/// What a service token is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// The admin API.
    Administer,
    /// `POST /introspect`. A token that administers may do that, too.
    Introspect,
}

/// What is asked of a service token. It need not expire, have a subject, or be for an audience.
#[derive(Deserialize)]
struct Claims {
    role: String,
    exp: Option<i64>,
    iat: Option<i64>,
    session_id: Option<serde::de::IgnoredAny>,
}

/// Why a text is not a service token.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum ServiceTokenError {
    /// No token of ours, or not valid now.
    #[error(transparent)]
    Invalid(#[from] AccessTokenError),
    /// A valid token of somebody who may not do that.
    #[error("the role may not do that")]
    Role,
}

impl SigningKeys {
    /// Checks a token that was presented for a right.
    ///
    /// # Errors
    /// [`ServiceTokenError`], the first thing found wrong.
    pub fn verify_service(&self, token: &str, right: Right, now: DateTime<Utc>) -> Result<(), ServiceTokenError> {
        let claims: Claims = self.signed_payload(token, now)?;
        if claims.exp.is_some_and(|exp| now.timestamp() >= exp) {
            return Err(AccessTokenError::Expired.into());
        }
        if claims.iat.is_some_and(|iat| is_ahead(iat, now)) {
            return Err(AccessTokenError::NotYetValid.into());
        }
        // A session's token is somebody's, whatever role it claims.
        let is_administrator = ADMINISTRATORS.contains(&claims.role.as_str());
        let may = is_administrator || (right == Right::Introspect && claims.role == INTROSPECTOR);
        if may && claims.session_id.is_none() { Ok(()) } else { Err(ServiceTokenError::Role) }
    }
}
