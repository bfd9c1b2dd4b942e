//! Secrets that work once: the link and the code in a mail, and the cookie that binds a browser to
//! its sign-up. Not here: consuming them, which one `UPDATE … RETURNING` does.
//!
//! Each has two forms: the secret itself, which only leaves us in a mail or a cookie, and its
//! digest, which is stored. A link or cookie is 256 random bits, so a plain SHA-256 keeps it; a
//! code has 20 bits, so its digest is keyed.

use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::TimeDelta;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::domain::policy;
use crate::domain::redacted::redacted_debug;
use crate::domain::token::auth_secret::{AuthSecret, AuthSecrets, Purpose};

const TOKEN_BYTES: usize = 32;

/// `10^CODE_DIGITS`: how many codes there are.
const CODE_COUNT: u32 = 10_u32.pow(policy::CODE_DIGITS);

/// What a link or code is for. Part of a code's digest, so a code for one kind is nothing for
/// another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Confirms the address of a new account.
    Signup,
    /// Signs in; for an address without an account, or with one that was never confirmed, it
    /// confirms the address too.
    #[serde(rename = "magiclink")]
    MagicLink,
    /// Lets the owner of the mailbox choose a new password.
    Recovery,
    /// The current address agrees to its change.
    EmailChangeCurrent,
    /// The new address is confirmed.
    EmailChangeNew,
    /// Takes a change of address back: sent to the address that changes. A link without a code.
    EmailChangeUndo,
    /// Proves once more who is signed in. A code without a link.
    Reauthentication,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Signup,
        Self::MagicLink,
        Self::Recovery,
        Self::EmailChangeCurrent,
        Self::EmailChangeNew,
        Self::EmailChangeUndo,
        Self::Reauthentication,
    ];

    /// As in the database, and in the digest of a code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::MagicLink => "magiclink",
            Self::Recovery => "recovery",
            Self::EmailChangeCurrent => "email_change_current",
            Self::EmailChangeNew => "email_change_new",
            Self::EmailChangeUndo => "email_change_undo",
            Self::Reauthentication => "reauthentication",
        }
    }

    /// The `type` of the wire protocol, in links and in the fragment that leads on to the app.
    #[must_use]
    pub const fn wire_type(self) -> &'static str {
        match self {
            Self::EmailChangeCurrent | Self::EmailChangeNew => "email_change",
            kind => kind.as_str(),
        }
    }

    /// Whether the link claims an address for an account. The person who opens it holds the
    /// mailbox, but need not be who asked for it: somebody may have named an address of somebody
    /// else, hoping for a click. So it takes more than the click.
    #[must_use]
    pub const fn claims_address(self) -> bool {
        matches!(self, Self::Signup | Self::EmailChangeNew)
    }

    /// The kind of this name, as in the database.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// How long a link or code of this kind works.
    #[must_use]
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::Signup | Self::EmailChangeCurrent | Self::EmailChangeNew => policy::CONFIRMATION_LIFETIME,
            Self::Recovery => policy::RECOVERY_LIFETIME,
            Self::MagicLink | Self::Reauthentication => policy::SIGN_IN_LIFETIME,
            Self::EmailChangeUndo => policy::EMAIL_CHANGE_UNDO_LIFETIME,
        }
    }
}

/// What is stored of a link or a browser cookie: the SHA-256 of its 32 bytes. Not secret: it cannot
/// be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The 32 bytes, as stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

macro_rules! random_token {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name([u8; TOKEN_BYTES]);

        impl $name {
            /// Makes a token of 32 random bytes.
            #[must_use]
            pub const fn from_entropy(entropy: [u8; TOKEN_BYTES]) -> Self {
                Self(entropy)
            }

            /// Reads a token that was presented: `None` unless it is exactly what [`Self::to_text`]
            /// writes.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let mut token = Self([0; TOKEN_BYTES]);
                let decoded = Base64UrlUnpadded::decode(text, &mut token.0).ok()?;
                (decoded.len() == TOKEN_BYTES).then_some(token)
            }

            /// The token as it is sent: 43 characters of base64url.
            #[must_use]
            pub fn to_text(&self) -> Zeroizing<String> {
                Zeroizing::new(Base64UrlUnpadded::encode_string(&self.0))
            }

            /// What is stored and looked up.
            #[must_use]
            pub fn digest(&self) -> TokenDigest {
                TokenDigest(Sha256::digest(self.0).into())
            }
        }

        redacted_debug!($name);
    };
}

random_token! {
    /// The secret in the link of a mail: 256 random bits.
    LinkToken
}

random_token! {
    /// The cookie of the browser that signed up: 256 random bits. The link confirms and signs in at
    /// once only where it is.
    BrowserToken
}

/// The digits in a mail, typed where the person already is. [`policy::CODE_DIGITS`] digits, all of
/// them equally likely.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct OneTimeCode(String);

redacted_debug!(OneTimeCode);

impl OneTimeCode {
    /// Makes a code from 32 random bytes, without bias: four bytes at a time make a number, and a
    /// number from the last, incomplete million of the 32-bit range is thrown away. That all eight
    /// are (once in 10^29) is ignored.
    #[must_use]
    pub fn from_entropy(entropy: [u8; 32]) -> Self {
        let entropy = Zeroizing::new(entropy);
        let fair_limit = u32::MAX - u32::MAX % CODE_COUNT;
        let (numbers, _) = entropy.as_chunks::<4>();
        let number = numbers
            .iter()
            .map(|bytes| u32::from_be_bytes(*bytes))
            .find(|number| *number < fair_limit)
            .unwrap_or_default();
        Self(format!("{:0width$}", number % CODE_COUNT, width = policy::CODE_DIGITS as usize))
    }

    /// Reads a code that was typed: `None` unless it is [`policy::CODE_DIGITS`] ASCII digits, with
    /// blanks around or between them or without.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // As it is copied, or grouped to be read: `123 456`.
        let digits: String =
            text.chars().filter(|c| !c.is_whitespace()).take(policy::CODE_DIGITS as usize + 1).collect();
        let valid = digits.len() == policy::CODE_DIGITS as usize && digits.bytes().all(|byte| byte.is_ascii_digit());
        valid.then_some(Self(digits))
    }

    /// The digits, for the mail.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored for a new code: HMAC-SHA-256 over kind, address and digits under the current
    /// secret. The address is its [`crate::domain::account::email_address::EmailAddress::key`], so
    /// the same digits for two people are two digests.
    #[must_use]
    pub fn digest(&self, secrets: &AuthSecrets, kind: TokenKind, email_key: &str) -> [u8; 32] {
        self.digest_under(secrets.current(), kind, email_key)
    }

    /// What a typed code is looked up by: its digest under each secret, the current one first. So a
    /// code that was sent just before a rotation of the secret still works.
    #[must_use]
    pub fn digests(&self, secrets: &AuthSecrets, kind: TokenKind, email_key: &str) -> Vec<[u8; 32]> {
        secrets.all().map(|secret| self.digest_under(secret, kind, email_key)).collect()
    }

    fn digest_under(&self, secret: &AuthSecret, kind: TokenKind, email_key: &str) -> [u8; 32] {
        let key = secret.derive(Purpose::OneTimeCode);
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_ref()).expect("HMAC takes a key of any length");
        // A zero byte ends each part; kind and digits cannot contain one, so no two triples give
        // the same bytes.
        for part in [kind.as_str(), self.0.as_str(), email_key] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.finalize().into_bytes().into()
    }
}
