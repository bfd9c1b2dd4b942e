//! E-mail addresses: which are accepted, how they are stored, and which two are the same. Not here:
//! whether the domain is one that the operator takes (`email_domains.rs`), or takes mail
//! (`integrations/mail_domains.rs`).
//!
//! The crate `email_address` knows the grammar; the policy here is narrower and comes first, since
//! what a mail header can be made to say with quotes, comments and display names is an attack:
//!
//! - blanks around the address are what a phone's keyboard left there, and go; anywhere else they
//!   are refused;
//! - the local part is ASCII, an unquoted dot-atom, and kept in lower case: no mailbox in use tells
//!   cases apart, and apps compare addresses as text;
//! - the domain is mapped by IDNA (UTS 46) to lower-case ASCII and checked *after* mapping, so a
//!   full-width `＠` or `．` cannot hide; it has at least two labels, no dot at the end, and is no IP
//!   address;
//! - two addresses are the same if they are equal as stored, which is where mail goes.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use thiserror::Error;

use crate::domain::policy;
use crate::domain::redacted::redacted_debug;

/// Why a text is not an address that is accepted.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum EmailAddressError {
    /// More than 254 bytes in all, or more than 64 before the `@`.
    #[error("the address is too long")]
    TooLong,
    /// Not exactly one `@`.
    #[error("the address must contain exactly one @")]
    NoSingleAt,
    /// Before the `@` is something else than an unquoted ASCII name.
    #[error("the part before the @ is not accepted")]
    LocalPart,
    /// After the `@` is something else than a host name with a dot.
    #[error("the part after the @ is not a domain name")]
    Domain,
}

/// An accepted address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    stored: String,
    at: usize,
}

redacted_debug!(EmailAddress);

impl EmailAddress {
    /// Reads an address as typed.
    ///
    /// # Errors
    /// [`EmailAddressError`]; its text may be shown to the person. Spec: [RFC 5321
    /// §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2), narrowed as the module says.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let text = without_blanks_around(text);
        if text.len() > policy::EMAIL_ADDRESS_MAX_BYTES {
            return Err(EmailAddressError::TooLong);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailAddressError::NoSingleAt)?;
        if domain.contains('@') {
            return Err(EmailAddressError::NoSingleAt);
        }
        if local.len() > policy::EMAIL_LOCAL_PART_MAX_BYTES {
            return Err(EmailAddressError::TooLong);
        }
        if !local.bytes().all(is_local_byte) {
            return Err(EmailAddressError::LocalPart);
        }
        let domain = ascii_domain(domain)?;
        let stored = format!("{}@{domain}", local.to_ascii_lowercase());
        if stored.len() > policy::EMAIL_ADDRESS_MAX_BYTES {
            return Err(EmailAddressError::TooLong);
        }
        // The grammar has the last word, on the very text that will be stored.
        let grammar =
            email_address::Options::default().without_display_text().without_domain_literal().with_required_tld();
        email_address::EmailAddress::parse_with_options(&stored, grammar).map_err(|_| EmailAddressError::LocalPart)?;
        Ok(Self { at: local.len(), stored })
    }

    /// The address as stored and as mail goes to: lower-case ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.stored
    }

    /// What makes an address unique: all of it, which is in lower case.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.stored
    }

    /// The part before the `@`, in lower case.
    #[must_use]
    pub fn local_part(&self) -> &str {
        &self.stored[..self.at]
    }

    /// The part after the `@`, in lower-case ASCII (`xn--…` where it was not ASCII).
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.stored[self.at + 1..]
    }
}

/// The text without blanks around it, of whatever width. A line break is no blank.
fn without_blanks_around(text: &str) -> &str {
    const BLANKS: [char; 9] =
        [' ', '\t', '\u{a0}', '\u{1680}', '\u{202f}', '\u{205f}', '\u{2060}', '\u{3000}', '\u{feff}'];
    text.trim_matches(|c: char| BLANKS.contains(&c) || ('\u{2000}'..='\u{200b}').contains(&c))
}

/// The characters of an unquoted local part: `atext` of RFC 5322 §3.2.3, and the dot.
fn is_local_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte)
}

/// A domain as an address may have it, in lower-case ASCII: at least two labels, and no IP address.
pub(super) fn ascii_domain(domain: &str) -> Result<String, EmailAddressError> {
    let ascii = Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| EmailAddressError::Domain)?;
    let (_, last_label) = ascii.rsplit_once('.').ok_or(EmailAddressError::Domain)?;
    if is_number(last_label) {
        return Err(EmailAddressError::Domain);
    }
    Ok(ascii.into_owned())
}

/// Whether a last label makes the whole an IPv4 address: digits, or `0x` and hexadecimal digits.
/// Spec: WHATWG URL, "ends in a number".
fn is_number(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_digit())
        || label.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
