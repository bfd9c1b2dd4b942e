//! The refresh token: a session and a generation number under a MAC. Not here: rotation. Which
//! generation is current, and what an older one means, is one SQL statement's decision.
//!
//! ```text
//! base64url( version 1 | key id 4 | session id 16 | generation 4, big endian | MAC 32 )     57 bytes, 76 characters
//! MAC = HMAC-SHA-256( HKDF(AUTH_SECRET, "refresh-token"), "edgegate refresh token" | all bytes before the MAC )
//! ```
//!
//! So a forged or mangled token is refused without asking the database, and the database holds
//! nothing that can be used.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use thiserror::Error;
use uuid::Uuid;

use crate::domain::token::auth_secret::{AuthSecret, AuthSecrets, KeyId, Purpose};

const VERSION: u8 = 1;
const BODY_BYTES: usize = 1 + 4 + 16 + 4;
const MAC_BYTES: usize = 32;
const TOKEN_BYTES: usize = BODY_BYTES + MAC_BYTES;
const TOKEN_CHARS: usize = TOKEN_BYTES / 3 * 4;

/// The MAC's first bytes: with the key's own purpose they make sure that no other MAC of ours can
/// pass for this one.
const MAC_LABEL: &[u8] = b"edgegate refresh token";

/// What a refresh token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session it continues.
    pub session_id: Uuid,
    /// How many times the session had been refreshed when this token was made.
    pub generation: u32,
}

/// Why a text is not a refresh token of ours. Callers answer all of them alike.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum RefreshTokenError {
    /// Not the canonical base64url form of the right number of bytes, or of another version.
    #[error("malformed refresh token")]
    Malformed,
    /// Made under a secret that is not configured (any more).
    #[error("refresh token of an unknown key")]
    UnknownKey,
    /// The MAC is wrong.
    #[error("forged refresh token")]
    Forged,
}

impl RefreshToken {
    /// The token as handed out: 76 characters, the same every time for the same secret.
    #[must_use]
    pub fn issue(&self, secrets: &AuthSecrets) -> String {
        let secret = secrets.current();
        let mut token = [0; TOKEN_BYTES];
        token[0] = VERSION;
        token[1..5].copy_from_slice(secret.key_id().as_bytes());
        token[5..21].copy_from_slice(self.session_id.as_bytes());
        token[21..25].copy_from_slice(&self.generation.to_be_bytes());
        let (body, tag) = token.split_at_mut(BODY_BYTES);
        tag.copy_from_slice(&mac(secret, body).finalize().into_bytes());
        Base64UrlUnpadded::encode_string(&token)
    }

    /// Reads a token that was presented. The MAC is compared in constant time.
    ///
    /// # Errors
    /// [`RefreshTokenError`] for anything but the exact text of a token issued under one of
    /// `secrets`.
    pub fn parse(text: &str, secrets: &AuthSecrets) -> Result<Self, RefreshTokenError> {
        if text.len() != TOKEN_CHARS {
            return Err(RefreshTokenError::Malformed);
        }
        let mut token = [0; TOKEN_BYTES];
        Base64UrlUnpadded::decode(text, &mut token).map_err(|_| RefreshTokenError::Malformed)?;
        if token[0] != VERSION {
            return Err(RefreshTokenError::Malformed);
        }
        let (body, tag) = token.split_at(BODY_BYTES);
        let secret = secrets.find(KeyId::from_bytes(piece(body, 1))).ok_or(RefreshTokenError::UnknownKey)?;
        mac(secret, body).verify_slice(tag).map_err(|_| RefreshTokenError::Forged)?;
        Ok(Self { session_id: Uuid::from_bytes(piece(body, 5)), generation: u32::from_be_bytes(piece(body, 21)) })
    }
}

/// The MAC over everything before it, ready to be finished or compared.
fn mac(secret: &AuthSecret, body: &[u8]) -> Hmac<Sha256> {
    let key = secret.derive(Purpose::RefreshToken);
    <Hmac<Sha256> as Mac>::new_from_slice(key.as_ref())
        .expect("HMAC takes a key of any length")
        .chain_update(MAC_LABEL)
        .chain_update(body)
}

/// `N` bytes of the token's body from `start`, both constants of the format.
fn piece<const N: usize>(body: &[u8], start: usize) -> [u8; N] {
    let mut piece = [0; N];
    piece.copy_from_slice(&body[start..start + N]);
    piece
}
