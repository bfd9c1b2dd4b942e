//! Password hashes that other systems made, as people bring them along: read, bounded in cost,
//! verified. Not here: making such hashes, and edgegate's own
//! ([`crate::domain::credential::password_hash`]), which replaces each one at the next sign-in.
//!
//! What is hashed is the password as typed, as it was there; edgegate's normalisation comes with
//! edgegate's own hash. A file for each algorithm, and [`Format`] lists how the systems write it
//! down. `docs/moving.md` has the table for operators.

mod argon2;
mod bcrypt;
mod fields;
mod firebase;
mod pbkdf2;
mod scrypt;

use std::hint::black_box;

use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::domain::credential::password::Password;
use crate::domain::policy;
use crate::domain::redacted::redacted_debug;

/// A hash of another system that can be verified here at a bearable cost.
#[derive(Clone)]
pub struct ForeignHash(Algorithm);

redacted_debug!(ForeignHash);

#[derive(Clone)]
enum Algorithm {
    Argon2(argon2::Argon2Hash),
    Bcrypt(bcrypt::BcryptHash),
    Firebase(firebase::FirebaseHash),
    Pbkdf2(pbkdf2::Pbkdf2Hash),
    Scrypt(scrypt::ScryptHash),
}

/// How a hash is written down, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `$2a$`, `$2b$`, `$2y$`: Supabase Auth, Auth0, PHP, Rails, passlib.
    Bcrypt,
    /// bcrypt behind `bcrypt$`.
    DjangoBcrypt,
    /// bcrypt of the SHA-256, behind `bcrypt_sha256$`.
    DjangoBcryptSha256,
    /// bcrypt of the SHA-256, `$bcrypt-sha256$`.
    PasslibBcryptSha256,
    /// `$argon2id$`, `$argon2i$`, `$argon2d$`: PHC strings, of whichever system.
    Argon2,
    /// Argon2 behind `argon2`.
    DjangoArgon2,
    /// `$scrypt$ln=`: PHC strings of passlib and Rust's scrypt.
    Scrypt,
    /// `scrypt:N:r:p$`.
    WerkzeugScrypt,
    /// `scrypt$N$salt$r$p$`.
    DjangoScrypt,
    /// `<salt>:<key>`, both hexadecimal.
    BetterAuthScrypt,
    /// `$fbscrypt$`: Firebase's scrypt, as Supabase Auth writes it.
    FirebaseScrypt,
    /// `$pbkdf2$`, `$pbkdf2-sha256$`, `$pbkdf2-sha512$`.
    PasslibPbkdf2,
    /// `pbkdf2_sha256$`, `pbkdf2_sha1$`.
    DjangoPbkdf2,
    /// `pbkdf2:sha256:`, also with sha1 and sha512.
    WerkzeugPbkdf2,
}

/// What each format begins with. The rest is for the file of its algorithm.
const PREFIXES: [(&str, Format); 13] = [
    ("$2", Format::Bcrypt),
    ("bcrypt$$2", Format::DjangoBcrypt),
    ("bcrypt_sha256$$2", Format::DjangoBcryptSha256),
    ("$bcrypt-sha256$", Format::PasslibBcryptSha256),
    ("$argon2", Format::Argon2),
    ("argon2$argon2", Format::DjangoArgon2),
    ("$scrypt$", Format::Scrypt),
    ("scrypt:", Format::WerkzeugScrypt),
    ("scrypt$", Format::DjangoScrypt),
    ("$fbscrypt$", Format::FirebaseScrypt),
    ("$pbkdf2", Format::PasslibPbkdf2),
    ("pbkdf2_", Format::DjangoPbkdf2),
    ("pbkdf2:", Format::WerkzeugPbkdf2),
];

impl Format {
    /// The format that a hash begins like, and what follows its prefix.
    fn of(text: &str) -> Option<(Self, &str)> {
        let prefixed = PREFIXES.into_iter().find_map(|(prefix, format)| Some((format, text.strip_prefix(prefix)?)));
        prefixed.or_else(|| scrypt::looks_like_better_auth(text).then_some((Self::BetterAuthScrypt, text)))
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bcrypt => "bcrypt",
            Self::DjangoBcrypt => "Django's bcrypt",
            Self::DjangoBcryptSha256 => "Django's bcrypt of SHA-256",
            Self::PasslibBcryptSha256 => "passlib's bcrypt of SHA-256",
            Self::Argon2 => "Argon2",
            Self::DjangoArgon2 => "Django's Argon2",
            Self::Scrypt => "scrypt",
            Self::WerkzeugScrypt => "Werkzeug's scrypt",
            Self::DjangoScrypt => "Django's scrypt",
            Self::BetterAuthScrypt => "better-auth's scrypt",
            Self::FirebaseScrypt => "Firebase's scrypt",
            Self::PasslibPbkdf2 => "passlib's PBKDF2",
            Self::DjangoPbkdf2 => "Django's PBKDF2",
            Self::WerkzeugPbkdf2 => "Werkzeug's PBKDF2",
        }
    }
}

/// Why a hash is refused. The messages are for operators, and hold nothing of the hash but its
/// parameters.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum ForeignHashError {
    /// It begins like none of [`Format`].
    #[error("the password hash is in none of the formats that are accepted")]
    UnknownFormat,
    /// It is edgegate's own.
    #[error("the password hash is edgegate's own, which verifies only under the AUTH_SECRET that it was made with")]
    OwnHash,
    /// Longer than [`policy::FOREIGN_HASH_MAX_BYTES`].
    #[error("the password hash is longer than {} bytes", policy::FOREIGN_HASH_MAX_BYTES)]
    TooLong,
    /// It begins like one of [`Format`] and goes on otherwise: cut short, mistyped, in another
    /// encoding.
    #[error("the password hash begins like {} and is malformed", .0.name())]
    Malformed(Format),
    /// A variant that exists but cannot be verified here.
    #[error("the password hash is of {} with {what}, which is not supported", .format.name())]
    Unsupported {
        /// Of which format.
        format: Format,
        /// The variant.
        what: &'static str,
    },
    /// Verifying it would stall the isolate, or take more memory than it has.
    #[error("the password hash is of {} and too costly to verify: {parameter} is {value}, more than {limit}", .format.name())]
    TooCostly {
        /// Of which format.
        format: Format,
        /// What there is too much of, with its unit.
        parameter: &'static str,
        /// So much.
        value: u64,
        /// The most that is accepted.
        limit: u64,
    },
    /// So weak that it protects nothing, or impossible.
    #[error("the password hash is of {} and broken: {parameter} is {value}, less than {least}", .format.name())]
    Broken {
        /// Of which format.
        format: Format,
        /// What there is too little of, with its unit.
        parameter: &'static str,
        /// So much.
        value: u64,
        /// The least that is accepted.
        least: u64,
    },
}

impl ForeignHash {
    /// Reads a hash, in whichever [`Format`].
    ///
    /// # Errors
    /// [`ForeignHashError`] says what is wrong. A weak hash is accepted, since the next sign-in
    /// replaces it.
    pub fn parse(text: &str) -> Result<Self, ForeignHashError> {
        if text.len() > policy::FOREIGN_HASH_MAX_BYTES {
            return Err(ForeignHashError::TooLong);
        }
        // No system makes such a salt, and PostgreSQL stores it nowhere.
        if text.contains('\0') {
            return Err(ForeignHashError::UnknownFormat);
        }
        let (format, rest) = Format::of(text).ok_or(ForeignHashError::UnknownFormat)?;
        Ok(Self(match format {
            Format::Bcrypt | Format::DjangoBcrypt | Format::DjangoBcryptSha256 | Format::PasslibBcryptSha256 => {
                Algorithm::Bcrypt(bcrypt::BcryptHash::parse(format, rest)?)
            }
            Format::Argon2 | Format::DjangoArgon2 => Algorithm::Argon2(argon2::Argon2Hash::parse(format, rest)?),
            Format::Scrypt | Format::WerkzeugScrypt | Format::DjangoScrypt | Format::BetterAuthScrypt => {
                Algorithm::Scrypt(scrypt::ScryptHash::parse(format, rest)?)
            }
            Format::FirebaseScrypt => Algorithm::Firebase(firebase::FirebaseHash::parse(format, rest)?),
            Format::PasslibPbkdf2 | Format::DjangoPbkdf2 | Format::WerkzeugPbkdf2 => {
                Algorithm::Pbkdf2(pbkdf2::Pbkdf2Hash::parse(format, rest)?)
            }
        }))
    }

    /// Whether `password`, as typed, is the one that this hash was made from. Compares in constant
    /// time.
    #[must_use]
    pub fn verify(&self, password: &Password) -> bool {
        let typed = password.as_typed();
        let (computed, expected) = match &self.0 {
            Algorithm::Argon2(hash) => (hash.compute(typed), hash.expected()),
            Algorithm::Bcrypt(hash) => (hash.compute(typed), hash.expected()),
            Algorithm::Firebase(hash) => (hash.compute(typed), hash.expected()),
            Algorithm::Pbkdf2(hash) => (hash.compute(typed), hash.expected()),
            Algorithm::Scrypt(hash) => (hash.compute(typed), hash.expected()),
        };
        computed.ct_eq(expected).into()
    }

    /// How many hashes of edgegate's own take about as long as verifying this one, at least 1.
    #[must_use]
    pub fn weight(&self) -> usize {
        let (cost, limit) = match &self.0 {
            Algorithm::Argon2(hash) => hash.cost_and_limit(),
            Algorithm::Bcrypt(hash) => hash.cost_and_limit(),
            Algorithm::Firebase(hash) => hash.cost_and_limit(),
            Algorithm::Pbkdf2(hash) => hash.cost_and_limit(),
            Algorithm::Scrypt(hash) => hash.cost_and_limit(),
        };
        let weight = (cost * policy::FOREIGN_HASH_MAX_WEIGHT).div_ceil(limit).clamp(1, policy::FOREIGN_HASH_MAX_WEIGHT);
        usize::try_from(weight).unwrap_or(1)
    }
}

/// Takes the most memory that a hash may need, once, before the first one that needs much.
///
/// The memory of a WebAssembly instance never shrinks, and its allocator asks for each block that
/// does not fit anew instead of enlarging the last one: hashes of 16, 32 and 64 MiB in that order
/// would leave 112 MiB taken. This way it is 64 whatever comes.
fn reserve_memory() {
    let mut block: Vec<u8> = Vec::new();
    // If it fails the hash may still fit.
    let reserved = block.try_reserve_exact(policy::FOREIGN_HASH_MAX_MEMORY_BYTES + 64 * 1024);
    black_box((reserved.is_ok(), block.as_ptr()));
}
