//! Passwords: what they must be, and how they are hashed.

use super::reader::Reader;
use super::site::SiteSettings;
use crate::domain::credential::password::PasswordPolicy;
use crate::domain::credential::password_hash::Scheme;
use crate::domain::policy;

/// What passwords must be, and how they are hashed.
pub struct PasswordSettings {
    /// What a password must be.
    pub policy: PasswordPolicy,
    /// How new passwords are hashed.
    pub scheme: Scheme,
    /// How many calls may hash, or wait to hash, at once in one isolate.
    pub hashes_in_flight: usize,
}

impl Reader<'_> {
    /// The app's name is refused as a password, so without a `site` there are no settings.
    pub(super) fn passwords(&mut self, site: Option<&SiteSettings>) -> Option<PasswordSettings> {
        let min_chars = self.number(
            "PASSWORD_MIN_LENGTH",
            policy::PASSWORD_MIN_CHARS,
            policy::PASSWORD_MIN_CHARS..=policy::PASSWORD_MIN_CHARS_LIMIT,
        );
        let scheme = self.choice(
            "PASSWORD_HASH",
            Scheme::PBKDF2_SHA512,
            &[("pbkdf2-sha512", Scheme::PBKDF2_SHA512), ("argon2id", Scheme::ARGON2ID)],
        );
        let hashes_in_flight = self.number("PASSWORD_HASHES_IN_FLIGHT", policy::HASHES_IN_FLIGHT, 1..=1_000);

        let policy = PasswordPolicy { min_chars, context_words: vec![site?.app_name.clone()] };
        Some(PasswordSettings { policy, scheme, hashes_in_flight })
    }
}
