//! The algorithms that passwords are hashed with, their parameters, and the hashing itself.

use argon2::Argon2;
use hmac::{Hmac, Mac};
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::domain::credential::password::Password;
use crate::domain::policy;
use crate::domain::token::auth_secret::{AuthSecret, Purpose};

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
    pub(super) fn within_bounds(self) -> Self {
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

/// The hash of a password under the pepper of `secret`. The scheme is within bounds.
pub(super) fn compute(
    scheme: Scheme,
    secret: &AuthSecret,
    password: &Password,
    salt: &[u8],
) -> [u8; policy::PASSWORD_HASH_BYTES] {
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
