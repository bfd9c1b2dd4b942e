//! Access and service tokens whose signature was verified before, remembered within one isolate:
//! verifying ES256 costs 1.9 ms of CPU in wasm. Not here: what a token says, its expiry, issuer and
//! audience. They are checked every time, remembered or not.
//!
//! Only tokens that passed are remembered, under the SHA-256 of their whole text, so a guesser can
//! neither fill nor read the memory. It lives in
//! [`crate::domain::token::signing_keys::SigningKeys`]: other keys, other memory. The number and
//! size of entries are bounded.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::bounded_memory::BoundedMemory;

/// How many tokens are remembered; the oldest goes first.
const MAX_TOKENS: usize = 256;

/// Longer tokens are not remembered: together the texts stay below 1 MiB.
const MAX_TOKEN_BYTES: usize = 4096;

type Sha256Digest = [u8; 32];

/// The payloads of tokens, by the digest of their text.
pub struct VerifiedTokens(BoundedMemory<Sha256Digest, Value>);

impl Default for VerifiedTokens {
    fn default() -> Self {
        Self(BoundedMemory::new(MAX_TOKENS))
    }
}

impl VerifiedTokens {
    /// The token's payload, if exactly this text was verified before.
    pub fn recall(&self, token: &str) -> Option<Value> {
        is_short(token).then(|| self.0.recall(&digest(token))).flatten()
    }

    /// Remembers a token whose signature is right.
    pub fn remember(&self, token: &str, payload: &Value) {
        if is_short(token) {
            self.0.remember(digest(token), payload.clone());
        }
    }
}

const fn is_short(token: &str) -> bool {
    token.len() <= MAX_TOKEN_BYTES
}

fn digest(token: &str) -> Sha256Digest {
    Sha256::digest(token).into()
}
