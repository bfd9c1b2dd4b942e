//! Access tokens whose signature was verified before, remembered within one isolate: verifying ES256 costs 1.9 ms of CPU in wasm.
//! Not here: expiry, issuer and audience. They are checked every time, remembered or not.
//!
//! Only tokens that passed are remembered, under the SHA-256 of their whole text, so nobody can fill or read it by guessing. It
//! lives in [`super::signing_keys::SigningKeys`]: other keys, other memory. The number and size of entries are bounded.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use super::access_token::AccessTokenClaims;

/// How many tokens are remembered; the oldest goes first.
const MAX_TOKENS: usize = 256;

/// Longer tokens are not remembered: together the texts stay below 1 MiB.
const MAX_TOKEN_BYTES: usize = 4096;

type TokenDigest = [u8; 32];

#[derive(Default)]
pub struct VerifiedTokens(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    claims: BTreeMap<TokenDigest, AccessTokenClaims>,
    /// The digests, oldest first.
    order: VecDeque<TokenDigest>,
}

impl VerifiedTokens {
    /// What the token says, if exactly this text was verified before.
    pub fn recall(&self, token: &str) -> Option<AccessTokenClaims> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        self.memory(|memory| memory.claims.get(&digest(token)).cloned())
    }

    /// Remembers a token that was verified.
    pub fn remember(&self, token: &str, claims: &AccessTokenClaims) {
        if token.len() > MAX_TOKEN_BYTES {
            return;
        }
        let digest = digest(token);
        self.memory(|memory| {
            if memory.claims.insert(digest, claims.clone()).is_some() {
                return;
            }
            memory.order.push_back(digest);
            if memory.order.len() > MAX_TOKENS
                && let Some(oldest) = memory.order.pop_front()
            {
                memory.claims.remove(&oldest);
            }
        });
    }

    fn memory<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn digest(token: &str) -> TokenDigest {
    Sha256::digest(token).into()
}
