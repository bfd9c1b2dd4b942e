//! `JWT_KEYS`: the keys of access tokens, read from a JWK set.
//! Not here: what a token says and when it is valid ([`crate::domain::token::access_token`]).
//!
//! Exactly one key has `key_ops: ["sign"]`; all of them verify, each the tokens with its `kid` and
//! its one `alg`. Rotation: add the new key with `["verify"]`, wait until verifiers have fetched
//! it, swap the `key_ops`, remove the old one when its last token has expired. Spec: [RFC
//! 7517](https://www.rfc-editor.org/rfc/rfc7517), RFC 8725 §3.1.

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::{alg::Hs256Key, jwk::JsonWebKey};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::domain::redacted::redacted_debug;
use crate::domain::strict_json;
use crate::domain::token::jwt_algorithm::{SigningKey, VerifyingKey};
use crate::domain::token::verified_tokens::VerifiedTokens;

/// The longest `kid`, in bytes. A UUID has 36, an RFC 7638 thumbprint 43.
const KEY_ID_MAX_BYTES: usize = 64;

/// The shortest HS256 key: 32 bytes. Source: RFC 7518 §3.2 (at least the size of the hash).
const HS256_MIN_BYTES: usize = 32;

/// What is wrong with a JWK set. Names keys by their position, from 1; never contains any part of
/// them.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum SigningKeysError {
    /// Not `{"keys": […]}`, or a member is named twice.
    #[error("must be a JWK set: {{\"keys\": […]}}, no member named twice")]
    NotAKeySet,
    /// Not exactly one key with `key_ops: ["sign"]`.
    #[error("must have exactly one key with key_ops [\"sign\"], has {found}")]
    SigningKeys {
        /// How many it has.
        found: usize,
    },
    /// A `kid` is missing, empty, longer than 64 or has other characters than letters, digits and
    /// `._~:-`.
    #[error("key {position}: kid must be 1 to 64 letters, digits or ._~:-")]
    KeyId {
        /// Which key, from 1.
        position: usize,
    },
    /// Two keys have the same `kid`.
    #[error("key {position}: its kid is that of another key")]
    KeyIdRepeated {
        /// The later one.
        position: usize,
    },
    /// An `alg` that is missing or unknown.
    #[error("key {position}: alg must be ES256, EdDSA or HS256")]
    Algorithm {
        /// Which key, from 1.
        position: usize,
    },
    /// `key_ops` is missing or has other entries than `sign` and `verify`; or `use` is not `sig`.
    #[error("key {position}: key_ops must be [\"sign\"] or [\"verify\"], and use, if given, \"sig\"")]
    Operations {
        /// Which key, from 1.
        position: usize,
    },
    /// `kty`, `crv` or the numbers do not fit `alg`; a signing key without its private part; a
    /// private part that does not belong to the public one; an HS256 key of fewer than 32 bytes.
    #[error("key {position}: not a valid key for its alg (kty, crv and values; for HS256 at least 32 bytes)")]
    Key {
        /// Which key, from 1.
        position: usize,
    },
}

/// A verifying key with its name.
pub struct NamedKey {
    pub id: String,
    pub key: VerifyingKey,
}

/// The keys of access tokens.
pub struct SigningKeys {
    pub(super) signing_key: SigningKey,
    pub(super) signing_key_id: String,
    verifying_keys: Vec<NamedKey>,
    public_jwks: String,
    etag: String,
    pub(super) verified_tokens: VerifiedTokens,
}

redacted_debug!(SigningKeys);

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Map<String, Value>>,
}

impl SigningKeys {
    /// Reads the keys from a JWK set.
    ///
    /// # Errors
    /// Every problem there is, in the order of the keys.
    pub fn from_jwks(json: &str) -> Result<Self, Vec<SigningKeysError>> {
        let KeySet { keys } = strict_json::parse(json.as_bytes()).map_err(|_| vec![SigningKeysError::NotAKeySet])?;
        let mut errors = Vec::new();
        let mut signing = Vec::new();
        let mut verifying: Vec<NamedKey> = Vec::new();
        for (position, members) in (1..).zip(keys) {
            match ConfiguredKey::read(members, position) {
                Ok(key) if verifying.iter().any(|other| other.id == key.id) => {
                    errors.push(SigningKeysError::KeyIdRepeated { position });
                }
                Ok(key) => {
                    signing.extend(key.signing.map(|signing_key| (signing_key, key.id.clone())));
                    verifying.push(NamedKey { id: key.id, key: key.verifying });
                }
                Err(problems) => errors.extend(problems),
            }
        }
        let found = signing.len();
        match signing.pop() {
            Some((signing_key, signing_key_id)) if found == 1 && errors.is_empty() => {
                let public_jwks = public_jwks(&verifying);
                Ok(Self {
                    signing_key,
                    signing_key_id,
                    verifying_keys: verifying,
                    etag: format!("\"{}\"", Base64UrlUnpadded::encode_string(&Sha256::digest(&public_jwks)[..16])),
                    public_jwks,
                    verified_tokens: VerifiedTokens::default(),
                })
            }
            _ => {
                // A broken key may have been meant to sign, so the count is only a problem of its
                // own without others.
                if errors.is_empty() {
                    errors.push(SigningKeysError::SigningKeys { found });
                }
                Err(errors)
            }
        }
    }

    /// The key of this name.
    pub(super) fn find(&self, key_id: &str) -> Option<&VerifyingKey> {
        self.verifying_keys.iter().find(|named| named.id == key_id).map(|named| &named.key)
    }

    /// The JWK set for `/.well-known/jwks.json`: public keys only, never a shared secret.
    #[must_use]
    pub fn public_jwks(&self) -> &str {
        &self.public_jwks
    }

    /// The entity tag of that JWK set, in quotes: another set, another tag.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }
}

fn public_jwks(verifying: &[NamedKey]) -> String {
    let keys = verifying.iter().filter_map(|NamedKey { id, key }| {
        let jwk = match key {
            VerifyingKey::Es256(key) => JsonWebKey::from(key),
            VerifyingKey::EdDsa(key) => JsonWebKey::from(key),
            VerifyingKey::Hs256(_) => return None,
        };
        let mut members = serde_json::to_value(jwk).ok()?;
        members["alg"] = json!(key.algorithm());
        members["kid"] = json!(id);
        members["use"] = json!("sig");
        members["key_ops"] = json!(["verify"]);
        Some(members)
    });
    json!({ "keys": keys.collect::<Vec<_>>() }).to_string()
}

/// One key of the set, understood.
struct ConfiguredKey {
    id: String,
    signing: Option<SigningKey>,
    verifying: VerifyingKey,
}

impl ConfiguredKey {
    fn read(members: Map<String, Value>, position: usize) -> Result<Self, Vec<SigningKeysError>> {
        let id = key_id(&members);
        let signs = signs(&members);
        let key = match members.get("alg").and_then(Value::as_str) {
            Some(algorithm @ ("ES256" | "EdDSA" | "HS256")) => {
                let algorithm = algorithm.to_owned();
                // Whether it signs may be unknown; its public part can be checked all the same.
                key_pair(&algorithm, members, signs.unwrap_or(false)).ok_or(SigningKeysError::Key { position })
            }
            _ => Err(SigningKeysError::Algorithm { position }),
        };
        match (id, signs, key) {
            (Some(id), Some(_), Ok((signing, verifying))) => Ok(Self { id, signing, verifying }),
            (id, signs, key) => Err([
                id.is_none().then_some(SigningKeysError::KeyId { position }),
                signs.is_none().then_some(SigningKeysError::Operations { position }),
                key.err(),
            ]
            .into_iter()
            .flatten()
            .collect()),
        }
    }
}

/// The `kid`, if it is one.
fn key_id(members: &Map<String, Value>) -> Option<String> {
    let id = members.get("kid")?.as_str()?;
    let sound = (1..=KEY_ID_MAX_BYTES).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~:-".contains(&byte));
    sound.then(|| id.to_owned())
}

/// Whether `key_ops` has `sign`; `None` if it or `use` has anything that does not belong there.
fn signs(members: &Map<String, Value>) -> Option<bool> {
    let operations = members.get("key_ops")?.as_array()?;
    let sound = !operations.is_empty()
        && operations.iter().all(|operation| operation == "sign" || operation == "verify")
        && members.get("use").is_none_or(|usage| usage == "sig");
    sound.then(|| operations.iter().any(|operation| operation == "sign"))
}

/// The key for `algorithm`; its signing half only if `signs`, so that a retired key's private part
/// is not kept.
fn key_pair(algorithm: &str, members: Map<String, Value>, signs: bool) -> Option<(Option<SigningKey>, VerifyingKey)> {
    let jwk: JsonWebKey<'_> = serde_json::from_value(Value::Object(members)).ok()?;
    let pair = match algorithm {
        "ES256" => {
            let signing = if signs { Some(SigningKey::Es256((&jwk).try_into().ok()?)) } else { None };
            (signing, VerifyingKey::Es256((&jwk).try_into().ok()?))
        }
        "EdDSA" => {
            let signing = if signs { Some(SigningKey::EdDsa((&jwk).try_into().ok()?)) } else { None };
            (signing, VerifyingKey::EdDsa((&jwk).try_into().ok()?))
        }
        "HS256" => {
            let key = Hs256Key::try_from(&jwk).ok()?;
            if key.as_ref().len() < HS256_MIN_BYTES {
                return None;
            }
            (signs.then(|| SigningKey::Hs256(key.clone())), VerifyingKey::Hs256(key))
        }
        _ => return None,
    };
    Some(pair)
}
