//! Access and service tokens whose signature was verified before, remembered within one isolate:
//! verifying ES256 costs 1.9 ms of CPU in wasm. Not here: what a token says, its expiry, issuer and
//! audience. They are checked every time, remembered or not.
//!
//! Only tokens that passed are remembered, under the SHA-256 of their whole text, so nobody can
//! fill or read it by guessing. It lives in [`crate::domain::token::signing_keys::SigningKeys`]:
//! other keys, other memory. The number and size of entries are bounded.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// How many tokens are remembered; the oldest goes first.
const MAX_TOKENS: usize = 256;

/// Longer tokens are not remembered: together the texts stay below 1 MiB.
const MAX_TOKEN_BYTES: usize = 4096;

type Sha256Digest = [u8; 32];

#[derive(Default)]
pub struct VerifiedTokens(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    payloads: BTreeMap<Sha256Digest, Value>,
    /// The digests, oldest first.
    order: VecDeque<Sha256Digest>,
}

impl VerifiedTokens {
    /// The token's payload, if exactly this text was verified before.
    pub fn recall(&self, token: &str) -> Option<Value> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        self.memory(|memory| memory.payloads.get(&digest(token)).cloned())
    }

    /// Remembers a token whose signature is right.
    pub fn remember(&self, token: &str, payload: &Value) {
        if token.len() > MAX_TOKEN_BYTES {
            return;
        }
        let digest = digest(token);
        self.memory(|memory| {
            if memory.payloads.insert(digest, payload.clone()).is_some() {
                return;
            }
            memory.order.push_back(digest);
            if memory.order.len() > MAX_TOKENS
                && let Some(oldest) = memory.order.pop_front()
            {
                memory.payloads.remove(&oldest);
            }
        });
    }

    fn memory<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn digest(token: &str) -> Sha256Digest {
    Sha256::digest(token).into()
}
