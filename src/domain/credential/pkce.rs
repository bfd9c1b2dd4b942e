//! Proof Key for Code Exchange: the app that asks for a mail keeps a verifier, we keep its digest,
//! and what the mailed link is traded for is worth something only together with the verifier.
//!
//! Both methods end as the SHA-256 of the verifier, so the database holds no verifier, not even of
//! `plain`. Spec: [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636).

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::domain::redacted::redacted_debug;

/// Length of a verifier, and of a challenge, in characters. Source: RFC 7636 §4.1, §4.2.
const LENGTHS: std::ops::RangeInclusive<usize> = 43..=128;

/// Why a challenge is refused. Its text may be shown.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum CodeChallengeError {
    /// One of the two fields without the other.
    #[error("PKCE flow requires code_challenge_method and code_challenge")]
    Incomplete,
    /// No method of RFC 7636.
    #[error("code_challenge_method must be s256 or plain")]
    Method,
    /// Not of the length or the characters of RFC 7636, or no SHA-256.
    #[error("code_challenge must be 43 to 128 characters of A-Z a-z 0-9 . _ ~ -, for s256 the base64url of a SHA-256")]
    Challenge,
}

/// What the app sent along when it asked for a mail: the SHA-256 of a verifier that it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeChallenge([u8; 32]);

impl CodeChallenge {
    /// Reads the two fields of a request; `None` where both are absent or empty, which is a flow
    /// without PKCE.
    ///
    /// # Errors
    /// [`CodeChallengeError`].
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, CodeChallengeError> {
        let given = |text: Option<&str>| text.map(str::to_owned).filter(|text| !text.is_empty());
        let (challenge, method) = match (given(challenge), given(method)) {
            (None, None) => return Ok(None),
            (Some(challenge), Some(method)) => (challenge, method),
            _ => return Err(CodeChallengeError::Incomplete),
        };
        if !is_verifier(&challenge) {
            return Err(CodeChallengeError::Challenge);
        }
        match method.to_ascii_lowercase().as_str() {
            "s256" => {
                let mut digest = [0; 32];
                let decoded = Base64UrlUnpadded::decode(&challenge, &mut digest);
                let whole = decoded.is_ok_and(|bytes| bytes.len() == 32);
                whole.then_some(Some(Self(digest))).ok_or(CodeChallengeError::Challenge)
            }
            "plain" => Ok(Some(Self(Sha256::digest(challenge).into()))),
            _ => Err(CodeChallengeError::Method),
        }
    }

    /// As stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The challenge that a verifier belongs to; `None` if the text cannot be a verifier.
#[must_use]
pub fn challenge_of(verifier: &str) -> Option<CodeChallenge> {
    is_verifier(verifier).then(|| CodeChallenge(Sha256::digest(verifier).into()))
}

fn is_verifier(text: &str) -> bool {
    LENGTHS.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// What a link is traded for: a random UUID, as the protocol's clients expect, of 122 random bits.
#[derive(Clone)]
pub struct AuthCode(Uuid);

redacted_debug!(AuthCode);

impl AuthCode {
    /// Makes one of 16 random bytes.
    #[must_use]
    pub const fn from_entropy(entropy: [u8; 16]) -> Self {
        Self(uuid::Builder::from_random_bytes(entropy).into_uuid())
    }

    /// Reads one that was presented; `None` unless it is written as we write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = Uuid::try_parse(text).ok()?;
        let same: bool = id.hyphenated().to_string().as_bytes().ct_eq(text.as_bytes()).into();
        same.then_some(Self(id))
    }

    /// As it is sent, in the `code` parameter.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.hyphenated().to_string())
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}
