//! How somebody signed in proves once more who they are, before the password changes or the account
//! goes: by the current password, by a mailed code (nonce), or by having signed in a moment ago.
//!
//! Source: ASVS 6.2.3, 7.5.1. A mailed code proves no less than recovering the account would.

use chrono::{DateTime, Utc};

use super::error::{Code, Error};
use crate::app::App;
use crate::db::Connection;
use crate::db::account::update;
use crate::db::account::update::{Current, Reauthentication, RecentSignIn};
use crate::db::session::sessions::SignedIn;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::counter::{Counted, counter_key};
use crate::domain::credential::one_time_token::{Code as OneTimeCode, TokenKind};
use crate::domain::credential::password::Password;
use crate::domain::credential::password_hash::Verification;
use crate::domain::policy;
use crate::domain::session::session::AuthenticationMethod;
use crate::domain::token::access_token::AccessTokenClaims;
use crate::host;

/// Which sign-ins of a moment ago count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fresh {
    /// By a mailed link or code: whoever recovered the account has no current password to name. And
    /// anonymous ones, who have nothing to name at all.
    ByMail,
    /// By any method.
    ByAnything,
}

/// What came with the request.
pub struct ReauthenticationInput<'a> {
    /// The field `current_password`.
    pub current_password: Option<&'a str>,
    /// The field `nonce`.
    pub nonce: Option<&'a str>,
}

/// The key of the counter of wrong current passwords: of this session only.
#[must_use]
pub fn counter(app: &App, claims: &AccessTokenClaims) -> [u8; 32] {
    counter_key(&app.config().tokens.auth_secrets, Counted::CurrentPassword, &claims.session_id.to_string())
}

/// Whether there is anything to prove it by. Asked before anything is spent on the rest.
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
        || has_fresh_sign_in(claims, fresh, now)
}

/// Makes of what was given a proof that a statement checks once more. A current password costs a
/// statement, which counts the attempt, and a hash. Where nothing was given the sign-in has to be
/// fresh: ask [`has_proof`] first.
///
/// # Errors
/// [`Code::CurrentPasswordInvalid`], [`Code::ReauthenticationNotValid`],
/// [`Code::OverRequestRateLimit`], and why the session is not good.
pub async fn reauthenticate(
    app: &App,
    db: &mut Connection<'_>,
    claims: &AccessTokenClaims,
    signed_in: &SignedIn,
    input: &ReauthenticationInput<'_>,
) -> Result<Reauthentication, Error> {
    match (input.current_password, input.nonce) {
        (Some(current), _) => by_password(app, db, claims, signed_in, current).await,
        (None, Some(nonce)) => by_nonce(app, claims, nonce),
        (None, None) => {
            let fresh = if claims.is_anonymous { RecentSignIn::Anonymous } else { RecentSignIn::SignIn };
            Ok(Reauthentication::Fresh { fresh })
        }
    }
}

async fn by_password(
    app: &App,
    db: &mut Connection<'_>,
    claims: &AccessTokenClaims,
    signed_in: &SignedIn,
    current: &str,
) -> Result<Reauthentication, Error> {
    let current = Password::parse(current).map_err(|_| Code::CurrentPasswordInvalid)?;
    let request_id = host::random_id(app.entropy.as_ref());
    let hash = match update::count_and_read(db, signed_in, counter(app, claims), request_id).await? {
        Current::Refused(refusal) => return Err(refusal.into()),
        Current::Wait(seconds) => return Err(Error::wait(Code::OverRequestRateLimit, seconds)),
        Current::Hash(hash) => hash.ok_or(Code::CurrentPasswordInvalid)?,
    };
    match app.parts.hasher.verify(&current, &hash).map_err(Error::unexpected)? {
        Verification::Right { .. } => Ok(Reauthentication::VerifiedHash { verified_hash: hash }),
        Verification::Wrong => {
            Err(Error::from(Code::CurrentPasswordInvalid).because(format!("wrong password for {}", claims.sub)))
        }
    }
}

fn by_nonce(app: &App, claims: &AccessTokenClaims, nonce: &str) -> Result<Reauthentication, Error> {
    let code = OneTimeCode::parse(nonce).ok_or(Code::ReauthenticationNotValid)?;
    let address = EmailAddress::parse(&claims.email).map_err(|_| Code::ReauthenticationNotValid)?;
    let digests = code.digests(&app.config().tokens.auth_secrets, TokenKind::Reauthentication, address.key());
    let nonces = digests.iter().map(|digest| base16ct::lower::encode_string(digest)).collect();
    Ok(Reauthentication::Nonces { nonces, address_key: address.key().to_owned() })
}

fn has_fresh_sign_in(claims: &AccessTokenClaims, fresh: Fresh, now: DateTime<Utc>) -> bool {
    claims.amr.iter().any(|entry| {
        let right = fresh == Fresh::ByAnything || entry.method == AuthenticationMethod::Otp;
        right && entry.timestamp + policy::FRESH_SIGN_IN > now
    })
}
