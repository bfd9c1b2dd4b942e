//! Passwords: what one may be when it is chosen. Not here: how it is stored
//! ([`crate::domain::credential::password_hash`]), and the breached-password range API.
//!
//! A password is Unicode in NFC, at setting and at checking alike (but against a hash of another
//! system it is as typed), and every character of it counts: nothing is trimmed, folded or cut.
//! There are no rules about kinds of characters. Source: NIST SP 800-63B-4 §3.1.1.2, ASVS 6.2.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::domain::account::email_address::EmailAddress;
use crate::domain::credential::common_passwords;
use crate::domain::policy;
use crate::domain::redacted::redacted_debug;

/// A password in NFC, and as typed. Wiped when dropped. It may be too weak to be chosen: see
/// [`Password::check`].
#[derive(Clone)]
pub struct Password {
    normalized: Zeroizing<String>,
    /// What was typed, where that is not NFC.
    unnormalized: Option<Zeroizing<String>>,
}

redacted_debug!(Password);

/// What an operator demands of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The least number of characters (code points).
    pub min_chars: usize,
    /// Words that may not be the whole password, in any case: the product's name, the
    /// organisation's.
    pub context_words: Vec<String>,
}

impl Default for PasswordPolicy {
    /// The least that is allowed, with the name of this product as the only context word.
    fn default() -> Self {
        Self { min_chars: policy::PASSWORD_MIN_CHARS, context_words: vec!["edgegate".to_owned()] }
    }
}

/// Why a password is refused.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum PasswordError {
    /// Fewer characters than the policy demands.
    #[error("Password should be at least {min_chars} characters")]
    TooShort {
        /// The least number of characters.
        min_chars: usize,
    },
    /// More bytes than [`policy::PASSWORD_MAX_BYTES`].
    #[error("Password cannot be longer than {max_bytes} bytes")]
    TooLong {
        /// The greatest number of bytes in UTF-8.
        max_bytes: usize,
    },
    /// On the built-in list of common passwords.
    #[error("Password is too common and easy to guess, please choose a different one")]
    TooCommon,
    /// The account's own address or its local part, or a context word of the policy.
    #[error("Password must not be your e-mail address or the name of this service, please choose a different one")]
    ContextWord,
}

impl PasswordError {
    /// The wire's word for it in `weak_password.reasons`. It has no word of its own for a context
    /// word; `pwned` stands for every password that is known to guessers.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooShort { .. } | Self::TooLong { .. } => "length",
            Self::TooCommon | Self::ContextWord => "pwned",
        }
    }
}

impl Password {
    /// Takes a password as typed, and normalises it.
    ///
    /// # Errors
    /// [`PasswordError::TooLong`] beyond [`policy::PASSWORD_MAX_BYTES`], counted both before and
    /// after NFC.
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        const TOO_LONG: PasswordError = PasswordError::TooLong { max_bytes: policy::PASSWORD_MAX_BYTES };
        if text.len() > policy::PASSWORD_MAX_BYTES {
            return Err(TOO_LONG);
        }
        // NFC makes a text at most three times as long, so the buffer never moves and leaves no
        // copy behind.
        let mut normalized = Zeroizing::new(String::with_capacity(3 * text.len()));
        normalized.extend(text.nfc());
        if normalized.len() > policy::PASSWORD_MAX_BYTES {
            return Err(TOO_LONG);
        }
        let unnormalized = (*normalized != text).then(|| Zeroizing::new(text.to_owned()));
        Ok(Self { normalized, unnormalized })
    }

    /// Whether this password may be chosen for the account of `email`.
    ///
    /// # Errors
    /// The first [`PasswordError`] that applies.
    pub fn check(&self, policy: &PasswordPolicy, email: &EmailAddress) -> Result<(), PasswordError> {
        if self.normalized.chars().count() < policy.min_chars {
            return Err(PasswordError::TooShort { min_chars: policy.min_chars });
        }
        let lowered = Zeroizing::new(self.normalized.to_lowercase());
        if common_passwords::contains(lowered.trim()) {
            return Err(PasswordError::TooCommon);
        }
        let own = [email.as_str(), email.local_part()];
        let context = policy.context_words.iter().map(String::as_str);
        if own.into_iter().chain(context).any(|word| word.to_lowercase() == lowered.trim()) {
            return Err(PasswordError::ContextWord);
        }
        Ok(())
    }

    /// The normalised password, for hashing and for the breached-password API only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.normalized
    }

    /// The password as typed, for hashes of other systems only: they did not normalise.
    #[must_use]
    pub fn as_typed(&self) -> &str {
        self.unnormalized.as_ref().unwrap_or(&self.normalized)
    }
}
