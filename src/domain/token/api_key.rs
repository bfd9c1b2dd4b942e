//! The API key: a random text with which a program of the operator's calls the admin API. Made and
//! revoked by `npm run admin -- key`, which writes the digest; the key itself is shown once. Not
//! here: service tokens, which are signed and need no database.
//!
//! ```text
//! edgegate_ + base64url( 32 random bytes )
//! ```

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// What an API key begins with, so that people and secret scanners recognise one.
pub const PREFIX: &str = "edgegate_";

const KEY_BYTES: usize = 32;

/// What an administrator may do. A service token may do everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Look at accounts and their sessions.
    UsersRead,
    /// Make, change, ban, import and delete accounts, and end their sessions.
    UsersWrite,
    /// Make links that sign in, and invite. A key that may do that may become any user.
    LinksWrite,
    /// Look at the audit trail.
    AuditRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::UsersRead, Self::UsersWrite, Self::LinksWrite, Self::AuditRead];

    /// As in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
            Self::LinksWrite => "links:write",
            Self::AuditRead => "audit:read",
        }
    }

    /// Reads what [`Self::as_str`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// SHA-256 of an API key, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiKeyDigest([u8; 32]);

impl ApiKeyDigest {
    /// Of a presented text. `None` if it is not of the form of an API key.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        let decoded = Base64UrlUnpadded::decode(text.strip_prefix(PREFIX)?, bytes.as_mut()).ok()?;
        (decoded.len() == KEY_BYTES).then(|| Self(Sha256::digest(text).into()))
    }

    /// For the database.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
