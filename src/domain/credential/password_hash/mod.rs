//! How a password is stored and verified: PBKDF2-HMAC-SHA-512 or Argon2id, keyed with a pepper, as
//! a PHC string. Hashes of other systems ([`crate::domain::credential::foreign_hash`]) are verified
//! too. Not here: how many hashes run at once.
//!
//! ```text
//! $pbkdf2-sha512$i=220000,l=32,k=<key id>$<salt>$<hash>
//! $argon2id$v=19$m=19456,t=2,p=1,k=<key id>$<salt>$<hash>
//! what is hashed = HMAC-SHA-512( pepper, password in NFC )
//! pepper = HKDF( AUTH_SECRET of that key id, "password-pepper" )
//! ```
//!
//! So a stolen table without `AUTH_SECRET` gives nothing to guess at. A hash with other parameters,
//! of the other scheme or under an earlier secret is still verified, and reported as outdated so
//! that the caller replaces it. So is a hash of another system, always. Spec: [PHC string
//! format](https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md), RFC 8018 §5.2,
//! RFC 9106.

mod scheme;
mod stored;

use std::hint::black_box;

pub use scheme::Scheme;
use scheme::compute;
use stored::Stored;
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::domain::credential::foreign_hash::{ForeignHash, ForeignHashError};
use crate::domain::credential::password::Password;
use crate::domain::policy;
use crate::domain::redacted::redacted_debug;
use crate::domain::token::auth_secret::AuthSecrets;

/// The answer to a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// It is another password.
    Wrong,
    /// It is the password.
    Right {
        /// The stored hash should be replaced by a new one of the same password.
        outdated: bool,
    },
}

/// Why a stored hash cannot be checked: a fault of configuration or data, never of the person.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum PasswordHashError {
    /// Not a hash that this module writes, nor one of another system.
    #[error("stored password hash is unreadable")]
    Unreadable,
    /// Its parameters cost more than the limits of [`policy`], or are impossible.
    #[error("stored password hash has parameters that are out of bounds")]
    OutOfBounds,
    /// Made under a secret that is not configured (any more).
    #[error("stored password hash needs an AUTH_SECRET that is not configured")]
    UnknownKey,
    /// Of another system, and not accepted.
    #[error("stored password hash is refused: {0}")]
    Foreign(ForeignHashError),
}

/// Hashes and verifies with one scheme for new hashes.
#[derive(Clone)]
pub struct PasswordHasher {
    scheme: Scheme,
    secrets: AuthSecrets,
}

redacted_debug!(PasswordHasher);

impl PasswordHasher {
    /// A hasher that makes new hashes with `scheme` under the current secret. Parameters out of
    /// bounds are brought to the nearest that can be verified again.
    #[must_use]
    pub fn new(scheme: Scheme, secrets: &AuthSecrets) -> Self {
        Self { scheme: scheme.within_bounds(), secrets: secrets.clone() }
    }

    /// The PHC string to store. `salt` is 16 fresh random bytes.
    ///
    /// # Panics
    /// Never: every part of the string is of a fixed form.
    #[must_use]
    pub fn hash(&self, password: &Password, salt: [u8; policy::PASSWORD_SALT_BYTES]) -> String {
        let secret = self.secrets.current();
        Stored {
            scheme: self.scheme,
            key_id: secret.key_id(),
            salt,
            hash: compute(self.scheme, secret, password, &salt),
        }
        .to_phc()
        .expect("parameters are decimal numbers and hexadecimal digits, salt and hash have fixed lengths")
    }

    /// Whether `password` is the one that `stored` was made from. Compares in constant time.
    ///
    /// # Errors
    /// [`PasswordHashError`] if `stored` cannot be checked. Then do [`Self::verify_dummy`], log it
    /// and refuse.
    pub fn verify(&self, password: &Password, stored: &str) -> Result<Verification, PasswordHashError> {
        let stored = match Stored::from_phc(stored) {
            Err(PasswordHashError::Unreadable) => return Ok(self.verify_foreign(password, &read_foreign(stored)?)),
            read => read?,
        };
        let secret = self.secrets.find(stored.key_id).ok_or(PasswordHashError::UnknownKey)?;
        let hash = compute(stored.scheme, secret, password, &stored.salt);
        if !bool::from(hash.ct_eq(&stored.hash)) {
            return Ok(Verification::Wrong);
        }
        let outdated = stored.scheme != self.scheme || stored.key_id != self.secrets.current().key_id();
        Ok(Verification::Right { outdated })
    }

    /// Whether `stored` is a hash that [`Self::verify`] can check, for one that comes from outside.
    /// Hashes nothing.
    ///
    /// # Errors
    /// [`PasswordHashError`] if it cannot be checked.
    pub fn check(&self, stored: &str) -> Result<(), PasswordHashError> {
        match Stored::from_phc(stored) {
            Err(PasswordHashError::Unreadable) => read_foreign(stored).map(drop),
            read => self.secrets.find(read?.key_id).map(drop).ok_or(PasswordHashError::UnknownKey),
        }
    }

    /// A wrong password costs what a right one does, which is hashed anew: at least as much as for
    /// an unknown account.
    fn verify_foreign(&self, password: &Password, stored: &ForeignHash) -> Verification {
        if stored.verify(password) {
            return Verification::Right { outdated: true };
        }
        self.verify_dummy(password);
        Verification::Wrong
    }

    /// How many hashes verifying `stored` takes as long as, beyond the one that every sign-in
    /// takes.
    #[must_use]
    pub fn extra_weight(&self, stored: &str) -> usize {
        match Stored::from_phc(stored) {
            Err(PasswordHashError::Unreadable) => ForeignHash::parse(stored).map_or(0, |foreign| foreign.weight()),
            _ => 0,
        }
    }

    /// Does the work of [`Self::verify`] for an account that does not exist, so that the time does
    /// not tell.
    pub fn verify_dummy(&self, password: &Password) {
        let salt = [0; policy::PASSWORD_SALT_BYTES];
        let hash = compute(self.scheme, self.secrets.current(), password, &salt);
        black_box(hash.ct_eq(&[0; policy::PASSWORD_HASH_BYTES]));
    }
}

/// A stored hash that is not of our own form.
fn read_foreign(stored: &str) -> Result<ForeignHash, PasswordHashError> {
    ForeignHash::parse(stored).map_err(|refused| match refused {
        ForeignHashError::UnknownFormat | ForeignHashError::OwnHash => PasswordHashError::Unreadable,
        refused => PasswordHashError::Foreign(refused),
    })
}
