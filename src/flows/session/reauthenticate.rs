//! How somebody signed in proves once more who they are, before the password changes or the account
//! goes: the current password is verified here, everything else is made into what a statement
//! checks. What may prove it is the domain's to say (`domain/session/reauthentication.rs`).

use uuid::Uuid;

use crate::app::{App, HashSlot};
use crate::db;
use crate::db::Connection;
use crate::db::account::reauthenticate;
use crate::db::account::reauthenticate::{Current, Reauthentication, RecentSignIn};
use crate::db::audit::AuditContext;
use crate::db::session::sessions::{CallerSession, SessionInvalid};
use crate::domain::account::email_address::EmailAddress;
use crate::domain::counter::{Counted, counter_key};
use crate::domain::credential::one_time_token::{OneTimeCode, TokenKind};
use crate::domain::credential::password::Password;
use crate::domain::credential::password_hash::{PasswordHashError, Verification};
use crate::domain::session::reauthentication::ReauthenticationInput;
use crate::domain::token::access_token::AccessTokenClaims;

/// Why somebody has not proved who they are.
#[derive(Debug, thiserror::Error)]
pub enum ReauthenticationError {
    /// The password is not that of the account.
    #[error("wrong password for {user_id}")]
    WrongPassword {
        /// Whose account it is.
        user_id: Uuid,
    },
    /// The password cannot be the account's: no password can be like that, or the account has none.
    #[error("that cannot be the password")]
    ImpossiblePassword,
    /// What was given as the mailed code cannot be one.
    #[error("that cannot be a code")]
    ImpossibleNonce,
    /// Too many wrong passwords: wait so many seconds.
    #[error("too many attempts, wait {0} seconds")]
    Wait(u32),
    /// A password came, and the caller took no place to hash it: a fault of ours.
    #[error("a password without a place to hash it")]
    NoSlot,
    /// The session is not good.
    #[error("the session is not good: {0:?}")]
    Session(SessionInvalid),
    /// The stored hash cannot be read.
    #[error(transparent)]
    StoredHash(#[from] PasswordHashError),
    /// The statement failed.
    #[error(transparent)]
    Database(#[from] db::Error),
}

/// The key of the counter of wrong current passwords: of this session only.
#[must_use]
pub fn counter(app: &App, claims: &AccessTokenClaims) -> [u8; 32] {
    counter_key(&app.config().tokens.auth_secrets, Counted::CurrentPassword, &claims.session_id.to_string())
}

/// Makes of what was given a proof that a statement checks once more. A current password costs a
/// statement, which counts the attempt, and a hash under `slot`. Where nothing was given the
/// sign-in has to be recent: ask
/// [`has_proof`](crate::domain::session::reauthentication::has_proof) first.
///
/// # Errors
/// [`ReauthenticationError`].
pub async fn reauthenticate(
    app: &App,
    db: &mut Connection<'_>,
    claims: &AccessTokenClaims,
    session: &CallerSession,
    input: &ReauthenticationInput<'_>,
    slot: Option<&mut HashSlot>,
    audit: &AuditContext<'_>,
) -> Result<Reauthentication, ReauthenticationError> {
    match (input.current_password, input.nonce, slot) {
        (Some(current), _, Some(slot)) => by_password(app, db, claims, session, current, slot, audit).await,
        (Some(_), _, None) => Err(ReauthenticationError::NoSlot),
        (None, Some(nonce), _) => by_nonce(app, claims, nonce),
        (None, None, _) => {
            let fresh = if claims.is_anonymous { RecentSignIn::Anonymous } else { RecentSignIn::SignIn };
            Ok(Reauthentication::Fresh { fresh })
        }
    }
}

async fn by_password(
    app: &App,
    db: &mut Connection<'_>,
    claims: &AccessTokenClaims,
    session: &CallerSession,
    current: &str,
    slot: &mut HashSlot,
    audit: &AuditContext<'_>,
) -> Result<Reauthentication, ReauthenticationError> {
    let current = Password::parse(current).map_err(|_| ReauthenticationError::ImpossiblePassword)?;
    let hash = match reauthenticate::count_and_read(db, session, counter(app, claims), audit.audit_id).await? {
        Current::Refused(refusal) => return Err(ReauthenticationError::Session(refusal)),
        Current::Wait(seconds) => return Err(ReauthenticationError::Wait(seconds)),
        Current::Hash(hash) => hash.ok_or(ReauthenticationError::ImpossiblePassword)?,
    };
    match app.verify_password(slot, &current, &hash)? {
        Verification::Right { .. } => Ok(Reauthentication::VerifiedHash { verified_hash: hash }),
        Verification::Wrong => Err(ReauthenticationError::WrongPassword { user_id: claims.sub }),
    }
}

fn by_nonce(app: &App, claims: &AccessTokenClaims, nonce: &str) -> Result<Reauthentication, ReauthenticationError> {
    let code = OneTimeCode::parse(nonce).ok_or(ReauthenticationError::ImpossibleNonce)?;
    let address = EmailAddress::parse(&claims.email).map_err(|_| ReauthenticationError::ImpossibleNonce)?;
    let digests = code.digests(&app.config().tokens.auth_secrets, TokenKind::Reauthentication, address.key());
    let nonces = digests.iter().map(|digest| base16ct::lower::encode_string(digest)).collect();
    Ok(Reauthentication::Nonces { nonces, address_key: address.key().to_owned() })
}
