//! `MAIL_WEBHOOK_SECRET`: how a report that claims to come from the mail provider proves it.
//! Not here: the headers in which the proof comes, and the report itself
//! (`integrations/mail_provider`).
//!
//! Each provider has its own way. Resend signs with a shared secret (Svix, the "Standard Webhooks"
//! form), SendGrid with a private key of its own, and Postmark does not sign: it shows a name and a
//! password over TLS.

use base64ct::{Base64, Encoding};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::domain::policy;
use crate::domain::redacted::redacted_debug;

/// What is wrong with a configured secret. Never contains any of it.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum WebhookKeyError {
    /// Not the form that Resend shows.
    #[error("must be the signing secret that Resend shows for the webhook: whsec_ and base64")]
    NotSvix,
    /// Not the form that SendGrid shows.
    #[error("must be the verification key that SendGrid shows for the event webhook: base64 of a P-256 public key")]
    NotPublicKey,
    /// Not what can stand in front of the `@` of a URL.
    #[error(
        "must be name:password as in the webhook's URL, of letters, digits and . _ ~ - only, the password of {min_chars} or more"
    )]
    NotCredentials {
        /// The least length of the password.
        min_chars: usize,
    },
}

/// The configured proof, of the kind that the configured provider uses.
#[derive(Debug)]
pub enum WebhookKey {
    /// Resend's.
    Svix(SvixKey),
    /// SendGrid's.
    SendGrid(SendGridKey),
    /// Postmark's.
    Postmark(BasicCredentials),
}

redacted_debug!(SvixKey, SendGridKey, BasicCredentials);

/// A secret shared with Svix, which sends Resend's webhooks.
/// Spec: <https://docs.svix.com/receiving/verifying-payloads/how-manual>
pub struct SvixKey(Zeroizing<Vec<u8>>);

impl SvixKey {
    /// How many bytes a secret may have: 24 to 64. Source:
    /// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
    const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

    /// Reads `whsec_…`.
    ///
    /// # Errors
    /// [`WebhookKeyError::NotSvix`].
    pub fn parse(text: &str) -> Result<Self, WebhookKeyError> {
        text.strip_prefix("whsec_")
            .and_then(|base64| Base64::decode_vec(base64).ok())
            .map(Zeroizing::new)
            .filter(|bytes| Self::BYTES.contains(&bytes.len()))
            .map(Self)
            .ok_or(WebhookKeyError::NotSvix)
    }

    /// Whether one of `signatures` (`v1,<base64>`, separated by spaces: two while the secret is
    /// being replaced) was made with this secret for these bytes, a short time ago.
    #[must_use]
    pub fn verify(&self, id: &str, timestamp: &str, signatures: &str, body: &[u8], now: DateTime<Utc>) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return false };
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        let is_ours = |signature: &str| {
            let tag = signature.strip_prefix("v1,").and_then(|base64| Base64::decode_vec(base64).ok());
            tag.is_some_and(|tag| mac.clone().verify_slice(&tag).is_ok())
        };
        is_recent(timestamp, now) && signatures.split(' ').any(is_ours)
    }
}

/// The public key of SendGrid's event webhook. Spec:
/// <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features>
pub struct SendGridKey(VerifyingKey);

impl SendGridKey {
    /// Reads the key as SendGrid shows it: base64 of its DER (SPKI).
    ///
    /// # Errors
    /// [`WebhookKeyError::NotPublicKey`].
    pub fn parse(text: &str) -> Result<Self, WebhookKeyError> {
        Base64::decode_vec(text)
            .ok()
            .and_then(|der| VerifyingKey::from_public_key_der(&der).ok())
            .map(Self)
            .ok_or(WebhookKeyError::NotPublicKey)
    }

    /// Whether `signature` (base64 of DER) was made with the private half for these bytes, a short
    /// time ago.
    #[must_use]
    pub fn verify(&self, timestamp: &str, signature: &str, body: &[u8], now: DateTime<Utc>) -> bool {
        let signature = Base64::decode_vec(signature).ok().and_then(|der| Signature::from_der(&der).ok());
        let signed = [timestamp.as_bytes(), body].concat();
        is_recent(timestamp, now) && signature.is_some_and(|signature| self.0.verify(&signed, &signature).is_ok())
    }
}

/// The name and password in the URL of Postmark's webhook. Only their hash is kept, so that
/// comparing tells no length. Spec: <https://postmarkapp.com/developer/webhooks/webhooks-overview>,
/// [RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)
pub struct BasicCredentials([u8; 32]);

impl BasicCredentials {
    /// Reads `name:password`.
    ///
    /// # Errors
    /// [`WebhookKeyError::NotCredentials`], also for characters that a URL would have to escape:
    /// whether the provider would then send them escaped is a question better not asked.
    pub fn parse(text: &str) -> Result<Self, WebhookKeyError> {
        let is_unreserved =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte));
        text.split_once(':')
            .filter(|(name, password)| !name.is_empty() && is_unreserved(name) && is_unreserved(password))
            .filter(|(_, password)| password.len() >= policy::WEBHOOK_PASSWORD_MIN_CHARS)
            .map(|_| Self(Sha256::digest(text).into()))
            .ok_or(WebhookKeyError::NotCredentials { min_chars: policy::WEBHOOK_PASSWORD_MIN_CHARS })
    }

    /// Whether an `Authorization` header shows them.
    #[must_use]
    pub fn verify(&self, authorization: &str) -> bool {
        let shown = authorization
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Basic"))
            .and_then(|(_, base64)| Base64::decode_vec(base64.trim()).ok());
        shown.is_some_and(|shown| Sha256::digest(shown).as_slice().ct_eq(&self.0).into())
    }
}

/// Whether a time in Unix seconds is near enough to now that the report is no old one played back.
fn is_recent(timestamp: &str, now: DateTime<Utc>) -> bool {
    let at = timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    at.is_some_and(|at| now.signed_duration_since(at).abs() <= policy::WEBHOOK_TOLERANCE)
}
