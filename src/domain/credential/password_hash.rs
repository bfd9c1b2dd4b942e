//! How a password is stored and verified: PBKDF2-HMAC-SHA-512 or Argon2id, keyed with a pepper, as
//! a PHC string. Hashes of other systems ([`crate::domain::credential::foreign_hash`]) are verified too. Not here: how
//! many hashes run at once.
//!
//! ```text
//! $pbkdf2-sha512$i=220000,l=32,k=<key id>$<salt>$<hash>
//! $argon2id$v=19$m=19456,t=2,p=1,k=<key id>$<salt>$<hash>
//! what is hashed = HMAC-SHA-512( pepper, password in NFC ),  pepper = HKDF(AUTH_SECRET of that key id, "password-pepper")
//! ```
//!
//! So a stolen table without `AUTH_SECRET` gives nothing to guess at. A hash with other parameters,
//! of the other scheme or under an earlier secret is still verified, and reported as outdated so
//! that the caller replaces it. So is a hash of another system, always. Spec: [PHC string
//! format](https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md), RFC 8018 §5.2,
//! RFC 9106.

use std::hint::black_box;

use argon2::Argon2;
use hmac::{Hmac, Mac};
use password_hash::{Ident, Output, ParamsString, PasswordHash, Salt};
use sha2::Sha512;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::domain::credential::foreign_hash::{ForeignHash, ForeignHashError};
use crate::domain::credential::password::Password;
use crate::domain::policy;
use crate::domain::redacted::redacted_debug;
use crate::domain::token::auth_secret::{AuthSecret, AuthSecrets, KeyId, Purpose};

const PBKDF2_ID: Ident<'static> = Ident::new_unwrap("pbkdf2-sha512");
const ARGON2ID_ID: Ident<'static> = Ident::new_unwrap("argon2id");
/// Argon2 version 1.3. Source: RFC 9106 §3.1.
const ARGON2_VERSION: u32 = 0x13;

/// An algorithm with its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// PBKDF2-HMAC-SHA-512.
    Pbkdf2Sha512 {
        /// Iterations, at least 1.
        iterations: u32,
    },
    /// Argon2id, version 1.3.
    Argon2id {
        /// Memory in KiB, at least 8 for each lane.
        memory_kib: u32,
        /// Passes, at least 1.
        passes: u32,
        /// Lanes, at least 1.
        lanes: u32,
    },
}

impl Scheme {
    /// PBKDF2 with the parameters of [`policy`]. Others are for tests and benchmarks.
    pub const PBKDF2_SHA512: Self = Self::Pbkdf2Sha512 { iterations: policy::PBKDF2_ITERATIONS };
    /// Argon2id with the parameters of [`policy`]. Others are for tests and benchmarks.
    pub const ARGON2ID: Self = Self::Argon2id {
        memory_kib: policy::ARGON2_MEMORY_KIB,
        passes: policy::ARGON2_PASSES,
        lanes: policy::ARGON2_LANES,
    };

    /// The same scheme with every parameter that is impossible, or costs more than a stored hash
    /// may, brought to the nearest that is allowed.
    fn within_bounds(self) -> Self {
        match self {
            Self::Pbkdf2Sha512 { iterations } => {
                Self::Pbkdf2Sha512 { iterations: iterations.clamp(1, policy::PBKDF2_MAX_ITERATIONS) }
            }
            Self::Argon2id { memory_kib, passes, lanes } => {
                let lanes = lanes.clamp(1, policy::ARGON2_MAX_LANES);
                Self::Argon2id {
                    memory_kib: memory_kib.clamp(8 * lanes, policy::ARGON2_MAX_MEMORY_KIB),
                    passes: passes.clamp(1, policy::ARGON2_MAX_PASSES),
                    lanes,
                }
            }
        }
    }
}

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

/// A stored hash, taken apart.
struct Stored {
    scheme: Scheme,
    key_id: KeyId,
    salt: [u8; policy::PASSWORD_SALT_BYTES],
    hash: [u8; policy::PASSWORD_HASH_BYTES],
}

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

    /// Does the work of [`Self::verify`] for somebody who does not exist, so that the time tells
    /// nobody.
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

/// The hash of a password under the pepper of `secret`. The scheme is within bounds.
fn compute(scheme: Scheme, secret: &AuthSecret, password: &Password, salt: &[u8]) -> [u8; policy::PASSWORD_HASH_BYTES] {
    let pepper = secret.derive(Purpose::PasswordPepper);
    let peppered: Zeroizing<[u8; 64]> = Zeroizing::new(
        <Hmac<Sha512> as Mac>::new_from_slice(pepper.as_ref())
            .expect("HMAC takes a key of any length")
            .chain_update(password.expose())
            .finalize()
            .into_bytes()
            .into(),
    );
    let mut hash = [0; policy::PASSWORD_HASH_BYTES];
    match scheme {
        Scheme::Pbkdf2Sha512 { iterations } => {
            pbkdf2::pbkdf2::<Hmac<Sha512>>(peppered.as_ref(), salt, iterations, &mut hash)
                .expect("HMAC takes a key of any length");
        }
        Scheme::Argon2id { memory_kib, passes, lanes } => {
            let parameters = argon2::Params::new(memory_kib, passes, lanes, Some(hash.len()))
                .expect("the parameters are within bounds");
            Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters)
                .hash_password_into(peppered.as_ref(), salt, &mut hash)
                .expect("password, salt and hash have lengths that Argon2 takes");
        }
    }
    hash
}

impl Stored {
    fn to_phc(&self) -> Result<String, password_hash::Error> {
        let mut params = ParamsString::new();
        let (algorithm, version) = match self.scheme {
            Scheme::Pbkdf2Sha512 { iterations } => {
                params.add_decimal("i", iterations)?;
                params.add_str("l", "32")?;
                (PBKDF2_ID, None)
            }
            Scheme::Argon2id { memory_kib, passes, lanes } => {
                params.add_decimal("m", memory_kib)?;
                params.add_decimal("t", passes)?;
                params.add_decimal("p", lanes)?;
                (ARGON2ID_ID, Some(ARGON2_VERSION))
            }
        };
        params.add_str("k", self.key_id.to_hex().as_str())?;
        let salt = password_hash::SaltString::encode_b64(&self.salt)?;
        let hash = PasswordHash {
            algorithm,
            version,
            params,
            salt: Some(salt.as_salt()),
            hash: Some(Output::new(&self.hash)?),
        };
        Ok(hash.to_string())
    }

    /// Reads exactly what [`Self::to_phc`] writes, for any parameters within bounds.
    fn from_phc(text: &str) -> Result<Self, PasswordHashError> {
        let phc = PasswordHash::new(text).map_err(|_| PasswordHashError::Unreadable)?;
        let stored = Self::from_parts(&phc).ok_or(PasswordHashError::Unreadable)?;
        if stored.to_phc().ok().as_deref() != Some(text) {
            return Err(PasswordHashError::Unreadable);
        }
        if stored.scheme != stored.scheme.within_bounds() {
            return Err(PasswordHashError::OutOfBounds);
        }
        Ok(stored)
    }

    fn from_parts(phc: &PasswordHash<'_>) -> Option<Self> {
        let scheme = if phc.algorithm == PBKDF2_ID {
            Scheme::Pbkdf2Sha512 { iterations: phc.params.get_decimal("i")? }
        } else if phc.algorithm == ARGON2ID_ID {
            Scheme::Argon2id {
                memory_kib: phc.params.get_decimal("m")?,
                passes: phc.params.get_decimal("t")?,
                lanes: phc.params.get_decimal("p")?,
            }
        } else {
            return None;
        };
        let mut salt = [0; policy::PASSWORD_SALT_BYTES];
        if phc.salt.map(|encoded: Salt<'_>| encoded.decode_b64(&mut salt).map(<[u8]>::len))? != Ok(salt.len()) {
            return None;
        }
        Some(Self {
            scheme,
            key_id: KeyId::from_hex(phc.params.get_str("k")?)?,
            salt,
            hash: phc.hash?.as_bytes().try_into().ok()?,
        })
    }
}
