//! bcrypt: plain, and of a SHA-256 as Django and passlib write it.
//! Spec: Provos and Mazières, "A Future-Adaptable Password Scheme", 1999; the `$2b$` of OpenBSD.
//!
//! ```text
//! $2b$10$<salt><hash>                          of the first 72 bytes of the password and a zero byte
//! bcrypt$$2b$12$<salt><hash>                   Django: the same
//! bcrypt_sha256$$2b$12$<salt><hash>            Django: of SHA-256(password) in hexadecimal
//! $bcrypt-sha256$v=2,t=2b,r=12$<salt>$<hash>   passlib: of HMAC-SHA-256(key = salt as written, password) in base64
//! $bcrypt-sha256$2b,12$<salt>$<hash>           passlib before 1.7.3: of SHA-256(password) in base64
//! ```
//!
//! `$2a$`, `$2b$` and `$2y$` are the same but for faults of implementations that are long gone. Of
//! those one is not imitated: for passwords of 255 bytes and more. A zero byte within the password
//! is a byte like any other, as in Supabase Auth; systems written in C stopped there, and a user
//! with such a password there sets a new one here.

use base64ct::{Base64, Encoding};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::domain::credential::foreign_hash::{ForeignHashError, Format, fields, policy};

/// Bytes of the password that count.
const KEY_BYTES: usize = 72;
/// Characters of the salt and of the hash.
const SALT_CHARS: usize = 22;
/// The least cost that bcrypt knows. Source: as above, §4.
const MIN_COST: u64 = 4;

#[derive(Clone)]
pub struct BcryptHash {
    cost: u32,
    salt: [u8; 16],
    hash: [u8; 23],
    key: Key,
}

/// What bcrypt gets for a password.
#[derive(Clone)]
enum Key {
    Password,
    Sha256Hex,
    Sha256Base64,
    HmacBase64 { salt_text: String },
}

impl BcryptHash {
    pub fn parse(format: Format, text: &str) -> Result<Self, ForeignHashError> {
        let parts = match format {
            Format::PasslibBcryptSha256 => passlib_parts(text),
            _ => modular_parts(text),
        };
        let (version, cost, encoded) = parts.ok_or(ForeignHashError::Malformed(format))?;
        let unsupported = |what| ForeignHashError::Unsupported { format, what };
        let (version, keyed) = match version {
            Version::Modular(version) => (version, false),
            Version::Passlib { version, keyed } => (version, keyed),
        };
        match version {
            "a" | "b" | "y" => {}
            "x" => return Err(unsupported("the faulty variant $2x$")),
            "" => return Err(unsupported("the obsolete variant $2$")),
            _ => return Err(ForeignHashError::Malformed(format)),
        }
        let cost = cost.strip_prefix('0').filter(|digit| !digit.is_empty()).unwrap_or(cost);
        let cost = fields::decimal(cost).ok_or(ForeignHashError::Malformed(format))?;
        let parameter = "the cost (as power of two)";
        if cost < MIN_COST {
            return Err(ForeignHashError::Broken { format, parameter, value: cost, least: MIN_COST });
        }
        let limit = u64::from(policy::FOREIGN_BCRYPT_MAX_COST);
        if cost > limit {
            return Err(ForeignHashError::TooCostly { format, parameter, value: cost, limit });
        }
        let read = |(salt, hash): (&str, &str)| {
            let key = match (format, keyed) {
                (Format::DjangoBcryptSha256, _) => Key::Sha256Hex,
                (Format::PasslibBcryptSha256, true) => Key::HmacBase64 { salt_text: salt.to_owned() },
                (Format::PasslibBcryptSha256, false) => Key::Sha256Base64,
                _ => Key::Password,
            };
            let (salt, hash) = (fields::bcrypt_base64(salt)?, fields::bcrypt_base64(hash)?);
            Some(Self { cost: u32::try_from(cost).ok()?, salt, hash, key })
        };
        read(encoded).ok_or(ForeignHashError::Malformed(format))
    }

    pub fn compute(&self, password: &str) -> Zeroizing<Vec<u8>> {
        let mut key = Zeroizing::new(Vec::with_capacity(password.len().max(KEY_BYTES) + 1));
        match &self.key {
            Key::Password => key.extend_from_slice(password.as_bytes()),
            Key::Sha256Hex => key.extend(base16ct::lower::encode_string(&Sha256::digest(password)).into_bytes()),
            Key::Sha256Base64 => key.extend(Base64::encode_string(&Sha256::digest(password)).into_bytes()),
            Key::HmacBase64 { salt_text } => {
                let mac = <Hmac<Sha256> as Mac>::new_from_slice(salt_text.as_bytes())
                    .expect("HMAC takes a key of any length")
                    .chain_update(password)
                    .finalize()
                    .into_bytes();
                key.extend(Base64::encode_string(&mac).into_bytes());
            }
        }
        key.push(0);
        key.truncate(KEY_BYTES);
        // Its last byte is not part of what is written down.
        let mut hash = Zeroizing::new(::bcrypt::bcrypt(self.cost, self.salt, &key).to_vec());
        hash.truncate(self.hash.len());
        hash
    }

    pub fn expected(&self) -> &[u8] {
        &self.hash
    }

    pub fn cost_and_limit(&self) -> (u64, u64) {
        (1 << self.cost, 1 << policy::FOREIGN_BCRYPT_MAX_COST)
    }
}

enum Version<'a> {
    Modular(&'a str),
    Passlib { version: &'a str, keyed: bool },
}

type BcryptParts<'a> = (Version<'a>, &'a str, (&'a str, &'a str));

/// `b$10$<salt><hash>`, what follows `$2`.
fn modular_parts(text: &str) -> Option<BcryptParts<'_>> {
    let (version, rest) = text.split_once('$')?;
    let (cost, encoded) = rest.split_once('$')?;
    let two_digits = cost.len() == 2;
    Some((Version::Modular(version), cost, encoded.split_at_checked(SALT_CHARS)?)).filter(|_| two_digits)
}

/// `v=2,t=2b,r=12$<salt>$<hash>` or `2b,12$<salt>$<hash>`.
fn passlib_parts(text: &str) -> Option<BcryptParts<'_>> {
    let (parameters, encoded) = text.split_once('$')?;
    let (keyed, version, cost) = match parameters.strip_prefix("v=2,t=2") {
        Some(rest) => rest.split_once(",r=").map(|(version, cost)| (true, version, cost)),
        None => parameters.strip_prefix('2')?.split_once(',').map(|(version, cost)| (false, version, cost)),
    }?;
    Some((Version::Passlib { version, keyed }, cost, encoded.split_once('$')?))
}
