//! What somebody signed in may prove by once more who they are, before the password changes or the
//! account goes: the current password, a mailed code (nonce), or having signed in a moment ago. Not
//! here: whether the proof is right (`flows/session/reauthenticate.rs`, and the statement after
//! it).
//!
//! Source: ASVS 6.2.3, 7.5.1. A mailed code proves no less than recovering the account would.

use chrono::{DateTime, Utc};

use crate::domain::policy;
use crate::domain::session::session::{AuthenticationMethod, AuthenticationReference};
use crate::domain::token::access_token::AccessTokenClaims;

/// Which sign-ins of a moment ago count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fresh {
    /// By a mailed link or code: a user who recovered the account has no current password to name.
    ByMail,
    /// By any method.
    ByAnything,
}

/// What came with the request.
#[derive(Clone, Copy)]
pub struct ReauthenticationInput<'a> {
    /// The field `current_password`.
    pub current_password: Option<&'a str>,
    /// The field `nonce`.
    pub nonce: Option<&'a str>,
}

/// Whether there is anything to prove it by. Asked before anything is spent on the rest. An
/// anonymous account has nothing to name, and is let through.
#[must_use]
pub fn has_proof(
    claims: &AccessTokenClaims,
    input: &ReauthenticationInput<'_>,
    fresh: Fresh,
    now: DateTime<Utc>,
) -> bool {
    input.current_password.is_some()
        || input.nonce.is_some()
        || claims.is_anonymous
        || is_recent(&claims.amr, fresh, now)
}

/// Whether one of the ways in which somebody signed in counts, and was used less than
/// [`policy::FRESH_SIGN_IN`] before `now`.
#[must_use]
pub fn is_recent(methods: &[AuthenticationReference], fresh: Fresh, now: DateTime<Utc>) -> bool {
    methods.iter().any(|entry| {
        let counts = fresh == Fresh::ByAnything || entry.method == AuthenticationMethod::Otp;
        counts && entry.timestamp + policy::FRESH_SIGN_IN > now
    })
}
