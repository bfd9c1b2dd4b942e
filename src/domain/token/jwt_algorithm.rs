//! The three signature algorithms of access tokens: ES256, `EdDSA` (Ed25519) and HS256. Nothing
//! else exists here. Not here: which key has which algorithm
//! ([`crate::domain::token::signing_keys`]).
//!
//! The arithmetic is `jwt-compact`'s. ES256 gets one rule more: of the two valid signatures (r, s)
//! and (r, n − s) only the one with the smaller s is made and accepted, so that one valid token
//! cannot be turned into another.

use std::borrow::Cow;

use jwt_compact::{
    Algorithm, AlgorithmExt, AlgorithmSignature, Claims, CreationError, Header,
    alg::{Ed25519, Es256, Hs256, Hs256Key},
};
use serde::Serialize;

type Es256SigningKey = <Es256 as Algorithm>::SigningKey;
type Es256VerifyingKey = <Es256 as Algorithm>::VerifyingKey;
type Ed25519SigningKey = <Ed25519 as Algorithm>::SigningKey;
type Ed25519VerifyingKey = <Ed25519 as Algorithm>::VerifyingKey;

/// ES256 with low s only.
struct LowSEs256;

impl Algorithm for LowSEs256 {
    type SigningKey = Es256SigningKey;
    type VerifyingKey = Es256VerifyingKey;
    type Signature = <Es256 as Algorithm>::Signature;

    fn name(&self) -> Cow<'static, str> {
        Es256.name()
    }

    fn sign(&self, signing_key: &Self::SigningKey, message: &[u8]) -> Self::Signature {
        let signature = Es256.sign(signing_key, message);
        signature.normalize_s().unwrap_or(signature)
    }

    fn verify_signature(&self, signature: &Self::Signature, key: &Self::VerifyingKey, message: &[u8]) -> bool {
        // `normalize_s` answers `None` for a signature that is normal already.
        signature.normalize_s().is_none() && Es256.verify_signature(signature, key, message)
    }
}

/// A key that makes tokens. Wiped when dropped.
pub enum SigningKey {
    /// P-256.
    Es256(Es256SigningKey),
    /// Ed25519.
    EdDsa(Ed25519SigningKey),
    /// A shared secret.
    Hs256(Hs256Key),
}

impl SigningKey {
    /// A token of `claims` with the header `{"alg": …, "kid": key_id, "typ": "JWT"}`.
    ///
    /// # Errors
    /// If the claims are not JSON.
    pub fn token<T: Serialize>(&self, key_id: &str, claims: T) -> Result<String, CreationError> {
        let header = Header::empty().with_key_id(key_id).with_token_type("JWT");
        let claims = Claims::new(claims);
        match self {
            Self::Es256(key) => LowSEs256.token(&header, &claims, key),
            Self::EdDsa(key) => Ed25519.token(&header, &claims, key),
            Self::Hs256(key) => Hs256.token(&header, &claims, key),
        }
    }
}

/// A key that checks tokens.
pub enum VerifyingKey {
    /// P-256.
    Es256(Es256VerifyingKey),
    /// Ed25519.
    EdDsa(Ed25519VerifyingKey),
    /// A shared secret, the same that signs.
    Hs256(Hs256Key),
}

impl VerifyingKey {
    /// The `alg` of every token of this key.
    pub const fn algorithm(&self) -> &'static str {
        match self {
            Self::Es256(_) => "ES256",
            Self::EdDsa(_) => "EdDSA",
            Self::Hs256(_) => "HS256",
        }
    }

    /// Whether checking costs so much that its result is worth remembering: ES256 takes 1.9 ms in
    /// wasm.
    pub const fn is_slow(&self) -> bool {
        matches!(self, Self::Es256(_))
    }

    /// Whether `signature` is this key's over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256(key) => verify(&LowSEs256, key, message, signature),
            Self::EdDsa(key) => verify(&Ed25519, key, message, signature),
            Self::Hs256(key) => verify(&Hs256, key, message, signature),
        }
    }
}

fn verify<A: Algorithm>(algorithm: &A, key: &A::VerifyingKey, message: &[u8], signature: &[u8]) -> bool {
    // The length first: `try_from_slice` of HS256 panics on any other.
    A::Signature::LENGTH.is_none_or(|length| length.get() == signature.len())
        && A::Signature::try_from_slice(signature)
            .is_ok_and(|signature| algorithm.verify_signature(&signature, key, message))
}
