//! The access token: what a signed-in user shows with every call. A JWT in compact form, signed by
//! one of `JWT_KEYS`. Not here: revocation. A token proves only what was true when it was issued;
//! the database and KV know what ended since.
//!
//! Only tokens that we made ourselves have to pass, so verifying is strict wherever JWT leaves
//! room:
//!
//! 1. at most 48 KiB, three parts of canonical base64url, nothing else;
//! 2. the header has `alg`, `typ` and `kid`, each once, and nothing else: no `crit`, `jku`, `jwk`,
//!    `x5u`;
//! 3. `kid` names a key of ours, and `alg` is that key's algorithm;
//! 4. the signature is the key's;
//! 5. the payload has all claims of [`AccessTokenClaims`], with their types, no member named twice;
//! 6. `exp`, `nbf`, `iat`, `iss` and `aud` are right.
//!
//! Spec: [RFC 7519](https://www.rfc-editor.org/rfc/rfc7519), [RFC
//! 8725](https://www.rfc-editor.org/rfc/rfc8725).

use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

use crate::domain::redacted::redacted_debug;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::session::AuthenticationReference;
pub use crate::domain::token::signing_keys::{SigningKeys, SigningKeysError};
use crate::domain::{policy, strict_json};

/// What an access token says. Serialised in this order, under the names that Supabase Auth's
/// clients read. Spec: RFC 7519 §4.1.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Who issued it.
    pub iss: String,
    /// The user.
    pub sub: Uuid,
    /// Whom it is for. One string; an array is refused.
    pub aud: String,
    /// From this moment on it is invalid: whole seconds since 1970.
    pub exp: i64,
    /// When it was issued: whole seconds since 1970.
    pub iat: i64,
    /// The token's own id.
    pub jti: Uuid,
    /// The user's address, or empty.
    pub email: String,
    /// Always empty: edgegate has no telephone numbers, but clients expect the claim.
    pub phone: String,
    /// Set by the operator; a JSON object.
    pub app_metadata: Value,
    /// Set by the user; a JSON object.
    pub user_metadata: Value,
    /// `authenticated`.
    pub role: String,
    /// How sure the session is of the person.
    pub aal: AssuranceLevel,
    /// How the person signed in, newest first.
    pub amr: Vec<AuthenticationReference>,
    /// The session.
    pub session_id: Uuid,
    /// Whether the user has no credential of their own.
    pub is_anonymous: bool,
}

redacted_debug!(AccessTokenClaims);

/// What a verifier asks of a token besides its signature.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The only right `iss`, compared byte by byte.
    pub issuer: &'a str,
    /// The only right `aud`, compared byte by byte.
    pub audience: &'a str,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

/// Why a text is not a valid access token.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum AccessTokenError {
    /// Not a token of ours in form: size, characters, parts, header members, claims or their types.
    #[error("malformed token")]
    Malformed,
    /// `kid` names no key of ours.
    #[error("unknown key")]
    UnknownKey,
    /// `alg` is not that key's algorithm.
    #[error("wrong algorithm for the key")]
    WrongAlgorithm,
    /// The signature is not that key's.
    #[error("bad signature")]
    BadSignature,
    /// `exp` has come.
    #[error("token is expired")]
    Expired,
    /// `iat` or `nbf` lies more than [`policy::CLOCK_SKEW`] ahead.
    #[error("token is not valid yet")]
    NotYetValid,
    /// `iss` is not the expected one.
    #[error("wrong issuer")]
    WrongIssuer,
    /// `aud` is not the expected one.
    #[error("wrong audience")]
    WrongAudience,
}

/// The header, whole. A member that is not listed is one we do not understand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenHeader {
    alg: String,
    typ: String,
    kid: String,
}

/// `nbf`, which we never write but would honour.
#[derive(Deserialize)]
struct NotBefore {
    nbf: Option<i64>,
}

impl SigningKeys {
    /// A token that says `claims`, signed by the signing key. Deterministic: the same claims give
    /// the same token.
    ///
    /// # Panics
    /// Never: claims are a plain struct, which is always JSON.
    #[must_use]
    pub fn sign(&self, claims: &AccessTokenClaims) -> String {
        self.signing_key.token(&self.signing_key_id, claims).expect("a struct with string keys serialises to JSON")
    }

    /// What a presented token says, once everything about it has been checked.
    ///
    /// # Errors
    /// [`AccessTokenError`], the first thing found wrong. Answer all of them with the same status.
    pub fn verify(&self, token: &str, expected: &Expected<'_>) -> Result<AccessTokenClaims, AccessTokenError> {
        let claims: AccessTokenClaims = self.signed_payload(token, expected.now)?;
        claims.check(expected)?;
        Ok(claims)
    }

    /// The payload of a token whose header and signature are right, and whose `nbf` has come;
    /// nothing else of what it says is checked.
    pub(super) fn signed_payload<T: DeserializeOwned>(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<T, AccessTokenError> {
        let payload = match self.verified_tokens.recall(token) {
            Some(payload) => payload,
            None => self.verify_signature(token)?,
        };
        let NotBefore { nbf } = NotBefore::deserialize(&payload).map_err(|_| AccessTokenError::Malformed)?;
        let claims = T::deserialize(payload).map_err(|_| AccessTokenError::Malformed)?;
        if nbf.is_some_and(|not_before| is_ahead(not_before, now)) {
            return Err(AccessTokenError::NotYetValid);
        }
        Ok(claims)
    }

    fn verify_signature(&self, token: &str) -> Result<Value, AccessTokenError> {
        let parts = TokenParts::split(token)?;
        let header: TokenHeader = decode_json(parts.header)?;
        if header.typ != "JWT" {
            return Err(AccessTokenError::Malformed);
        }
        let key = self.find(&header.kid).ok_or(AccessTokenError::UnknownKey)?;
        if header.alg != key.algorithm() {
            return Err(AccessTokenError::WrongAlgorithm);
        }
        let signature = decode(parts.signature)?;
        if !key.verify(parts.signed.as_bytes(), &signature) {
            return Err(AccessTokenError::BadSignature);
        }
        let payload: Value = decode_json(parts.payload)?;
        if key.is_slow() {
            self.verified_tokens.remember(token, &payload);
        }
        Ok(payload)
    }
}

impl AccessTokenClaims {
    /// Checks times, issuer and audience. Spec: RFC 7519 §4.1.
    fn check(&self, expected: &Expected<'_>) -> Result<(), AccessTokenError> {
        if self.iss != expected.issuer {
            return Err(AccessTokenError::WrongIssuer);
        }
        if self.aud != expected.audience {
            return Err(AccessTokenError::WrongAudience);
        }
        if expected.now.timestamp() >= self.exp {
            return Err(AccessTokenError::Expired);
        }
        if is_ahead(self.iat, expected.now) {
            return Err(AccessTokenError::NotYetValid);
        }
        Ok(())
    }
}

/// Whether a time in seconds is further ahead of `now` than clocks may differ.
pub(super) const fn is_ahead(seconds: i64, now: DateTime<Utc>) -> bool {
    seconds.saturating_sub(now.timestamp()) > policy::CLOCK_SKEW.num_seconds()
}

/// A token cut at its two dots.
struct TokenParts<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// Header, dot and payload: what the signature is over.
    signed: &'a str,
}

impl<'a> TokenParts<'a> {
    fn split(token: &'a str) -> Result<Self, AccessTokenError> {
        if token.len() > policy::ACCESS_TOKEN_MAX_BYTES {
            return Err(AccessTokenError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(AccessTokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(AccessTokenError::Malformed)?;
        if payload.contains('.') {
            return Err(AccessTokenError::Malformed);
        }
        Ok(Self { header, payload, signature, signed })
    }
}

/// Decodes base64url. Padding, other characters and non-canonical last digits are refused.
fn decode(part: &str) -> Result<Vec<u8>, AccessTokenError> {
    Base64UrlUnpadded::decode_vec(part).map_err(|_| AccessTokenError::Malformed)
}

fn decode_json<T: DeserializeOwned>(part: &str) -> Result<T, AccessTokenError> {
    strict_json::parse(&decode(part)?).map_err(|_| AccessTokenError::Malformed)
}
