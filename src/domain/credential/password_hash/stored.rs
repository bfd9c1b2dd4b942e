//! A stored hash as a PHC string: read and written, and nothing else than what is written is read.

use password_hash::{Ident, Output, ParamsString, PasswordHash, Salt};

use super::{PasswordHashError, Scheme};
use crate::domain::policy;
use crate::domain::token::auth_secret::KeyId;

const PBKDF2_ID: Ident<'static> = Ident::new_unwrap("pbkdf2-sha512");
const ARGON2ID_ID: Ident<'static> = Ident::new_unwrap("argon2id");
/// Argon2 version 1.3. Source: RFC 9106 §3.1.
const ARGON2_VERSION: u32 = 0x13;

/// A stored hash, taken apart.
pub(super) struct Stored {
    pub scheme: Scheme,
    pub key_id: KeyId,
    pub salt: [u8; policy::PASSWORD_SALT_BYTES],
    pub hash: [u8; policy::PASSWORD_HASH_BYTES],
}

impl Stored {
    pub(super) fn to_phc(&self) -> Result<String, password_hash::Error> {
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
    pub(super) fn from_phc(text: &str) -> Result<Self, PasswordHashError> {
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
