//! `AUTH_SECRET`: one configured secret, from which every internal key is derived. Not here: the
//! keys that sign access tokens (`JWT_KEYS`), which others verify; see
//! [`crate::domain::token::signing_keys`].
//!
//! Rotation: the new secret becomes `current`, the old one moves to `previous`, and stays there as
//! long as anything made with it must work: refresh tokens for the absolute session lifetime,
//! password hashes until each user has signed in once more. Whatever is stored or handed out names
//! the secret by its [`KeyId`], which is derived too, so no number has to be configured.

use std::collections::BTreeSet;

use hkdf::Hkdf;
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::domain::policy;
use crate::domain::redacted::redacted_debug;

/// The fewest different bytes that a secret may consist of. A random hexadecimal text of 32 digits
/// has fewer than 8 different ones about once in ten million; a repeated word nearly always has.
const MIN_DISTINCT_BYTES: usize = 8;

/// What a derived key is for. Two purposes never share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The MAC of a refresh token.
    RefreshToken,
    /// The HMAC under which a 6-digit code is stored.
    OneTimeCode,
    /// The pepper of password hashes.
    PasswordPepper,
    /// The encryption of secrets in queued mail.
    MailSealing,
    /// The HMAC that turns an address or a network into the key of a counter.
    RateLimitKey,
}

impl Purpose {
    /// The HKDF `info`. Never change one: everything made under it would stop working.
    const fn info(self) -> &'static [u8] {
        match self {
            Self::RefreshToken => b"edgegate/v1/refresh-token",
            Self::OneTimeCode => b"edgegate/v1/one-time-code",
            Self::PasswordPepper => b"edgegate/v1/password-pepper",
            Self::MailSealing => b"edgegate/v1/mail-sealing",
            Self::RateLimitKey => b"edgegate/v1/rate-limit-key",
        }
    }
}

/// The HKDF `info` of a [`KeyId`].
const KEY_ID_INFO: &[u8] = b"edgegate/v1/key-id";

/// A key derived for one [`Purpose`]: 32 bytes, wiped when dropped.
pub type DerivedKey = Zeroizing<[u8; 32]>;

/// The public name of an [`AuthSecret`]: 4 bytes derived from it, which say nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    /// Takes the id from where it was stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The 4 bytes, as stored in tokens.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }

    /// Eight lower-case hexadecimal digits, as written in password hashes.
    #[must_use]
    pub fn to_hex(self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.0))
    }

    /// The opposite of [`KeyId::to_hex`]; `None` for anything that it does not write.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let id = Self(u32::from_str_radix(text, 16).ok()?.to_be_bytes());
        (id.to_hex() == text).then_some(id)
    }
}

/// What is wrong with a configured secret. Never contains any of it.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum AuthSecretError {
    /// Shorter than [`policy::AUTH_SECRET_MIN_BYTES`].
    #[error("must have at least {min_bytes} bytes")]
    TooShort {
        /// The least length in bytes.
        min_bytes: usize,
    },
    /// Consists of few different characters, or of one piece repeated.
    #[error("is not random: it repeats itself")]
    LowEntropy,
    /// A comma or whitespace inside: they separate the secrets in the list of previous ones.
    #[error("must not contain commas or whitespace")]
    Separator,
    /// The same secret is given twice, or (once in four thousand million) two secrets have the same
    /// key id.
    #[error("is given twice, or shares its key id with another secret")]
    Repeated,
}

/// One secret with its id.
#[derive(Clone)]
pub struct AuthSecret {
    key_id: KeyId,
    bytes: Zeroizing<Vec<u8>>,
}

redacted_debug!(AuthSecret, AuthSecrets);

impl AuthSecret {
    /// Reads a secret from configuration text: base64url, hexadecimal or any other text without
    /// commas and whitespace. The text's own bytes are the key material, it is not decoded.
    /// Whitespace around it, as a file's last newline, is dropped.
    ///
    /// # Errors
    /// [`AuthSecretError`] unless it has 32 bytes and looks random.
    pub fn parse(text: &str) -> Result<Self, AuthSecretError> {
        let bytes = text.trim_ascii().as_bytes();
        if bytes.len() < policy::AUTH_SECRET_MIN_BYTES {
            return Err(AuthSecretError::TooShort { min_bytes: policy::AUTH_SECRET_MIN_BYTES });
        }
        if bytes.iter().any(|byte| byte.is_ascii_whitespace() || *byte == b',') {
            return Err(AuthSecretError::Separator);
        }
        if repeats_itself(bytes) {
            return Err(AuthSecretError::LowEntropy);
        }
        let mut key_id = [0; 4];
        expand(bytes, KEY_ID_INFO, &mut key_id);
        Ok(Self { key_id: KeyId(key_id), bytes: Zeroizing::new(bytes.to_vec()) })
    }

    /// The public name of this secret.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The key for `purpose`, by HKDF-SHA-256 without salt.
    /// Spec: [RFC 5869](https://www.rfc-editor.org/rfc/rfc5869#section-2).
    #[must_use]
    pub fn derive(&self, purpose: Purpose) -> DerivedKey {
        let mut key = Zeroizing::new([0; 32]);
        expand(&self.bytes, purpose.info(), key.as_mut());
        key
    }
}

/// The secrets in use: `current` makes new things, all of them recognise old ones.
#[derive(Clone)]
pub struct AuthSecrets {
    current: AuthSecret,
    previous: Vec<AuthSecret>,
}

impl AuthSecrets {
    /// Puts the secrets together.
    ///
    /// # Errors
    /// [`AuthSecretError::Repeated`] if two of them have the same key id.
    pub fn new(current: AuthSecret, previous: Vec<AuthSecret>) -> Result<Self, AuthSecretError> {
        let mut seen = BTreeSet::from([current.key_id]);
        if previous.iter().any(|secret| !seen.insert(secret.key_id)) {
            return Err(AuthSecretError::Repeated);
        }
        Ok(Self { current, previous })
    }

    /// Reads the current secret and the previous ones from configuration texts.
    ///
    /// # Errors
    /// As [`AuthSecret::parse`] and [`AuthSecrets::new`]; the first problem found.
    pub fn parse(current: &str, previous: &[&str]) -> Result<Self, AuthSecretError> {
        let previous = previous.iter().map(|text| AuthSecret::parse(text)).collect::<Result<_, _>>()?;
        Self::new(AuthSecret::parse(current)?, previous)
    }

    /// The secret for everything made now.
    #[must_use]
    pub const fn current(&self) -> &AuthSecret {
        &self.current
    }

    /// The secret of this name, if it is configured.
    #[must_use]
    pub fn find(&self, key_id: KeyId) -> Option<&AuthSecret> {
        self.all().find(|secret| secret.key_id == key_id)
    }

    /// All secrets, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &AuthSecret> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

/// Fills `output` (at most 64 bytes here) by HKDF-SHA-256.
fn expand(secret: &[u8], info: &[u8], output: &mut [u8]) {
    Hkdf::<Sha256>::new(None, secret)
        .expand(info, output)
        .expect("HKDF-SHA-256 gives up to 8160 bytes and is asked for at most 64");
}

/// Whether the text has few different bytes or is one piece over and over, as `abcdefghabcdefgh…`.
fn repeats_itself(bytes: &[u8]) -> bool {
    let distinct = bytes.iter().collect::<BTreeSet<_>>().len();
    let half = bytes.len() / 2;
    distinct < MIN_DISTINCT_BYTES || (1..=half).any(|period| bytes[period..] == bytes[..bytes.len() - period])
}
