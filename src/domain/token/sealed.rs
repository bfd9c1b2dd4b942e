//! Encryption of the secrets in queued mail: XChaCha20-Poly1305 under a key derived from
//! `AUTH_SECRET`. Not here: wiping them after sending, which the outbox statement does.
//!
//! ```text
//! version 1 | key id 4 | nonce 24 | ciphertext and tag      authenticated too: version, key id, and the caller's `aad`
//! ```
//!
//! `aad` ties the text to its place (the outbox row's id), so that a row's secret cannot be moved
//! to another row. A random nonce of 24 bytes never repeats in practice. Spec:
//! [draft-irtf-cfrg-xchacha-03](https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha-03).

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::domain::token::auth_secret::{AuthSecret, AuthSecrets, KeyId, Purpose};

const VERSION: u8 = 1;
const PREFIX_BYTES: usize = 1 + 4;
const NONCE_BYTES: usize = 24;

/// Why something sealed cannot be opened.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum SealedError {
    /// Too short, or of another version.
    #[error("malformed sealed text")]
    Malformed,
    /// Sealed under a secret that is not configured (any more).
    #[error("sealed under an unknown key")]
    UnknownKey,
    /// Changed, or sealed for another place.
    #[error("sealed text was changed or belongs elsewhere")]
    Forged,
}

/// Seals `plaintext` under the current secret. `nonce` is 24 fresh random bytes; `aad` must be
/// given again to open it.
///
/// # Panics
/// Never: the cipher refuses only texts of more than 256 GiB, which no memory of ours holds.
#[must_use]
pub fn seal(secrets: &AuthSecrets, nonce: [u8; NONCE_BYTES], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let secret = secrets.current();
    let mut sealed = vec![VERSION];
    sealed.extend(secret.key_id().as_bytes());
    let aad = [sealed.as_slice(), aad].concat();
    let ciphertext = cipher(secret)
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: plaintext, aad: &aad })
        .expect("XChaCha20-Poly1305 takes up to 256 GiB");
    sealed.extend(nonce);
    sealed.extend(ciphertext);
    sealed
}

/// Opens what [`seal`] made with the same `aad` under any of `secrets`.
///
/// # Errors
/// [`SealedError`] if it is anything else.
pub fn open(secrets: &AuthSecrets, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealedError> {
    let (prefix, rest) = sealed.split_first_chunk::<PREFIX_BYTES>().ok_or(SealedError::Malformed)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealedError::Malformed)?;
    let [VERSION, key_id @ ..] = *prefix else {
        return Err(SealedError::Malformed);
    };
    let secret = secrets.find(KeyId::from_bytes(key_id)).ok_or(SealedError::UnknownKey)?;
    let aad = [prefix.as_slice(), aad].concat();
    cipher(secret)
        .decrypt(XNonce::from_slice(nonce), Payload { msg: ciphertext, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| SealedError::Forged)
}

fn cipher(secret: &AuthSecret) -> XChaCha20Poly1305 {
    let key = secret.derive(Purpose::MailSealing);
    XChaCha20Poly1305::new(key.as_slice().into())
}
