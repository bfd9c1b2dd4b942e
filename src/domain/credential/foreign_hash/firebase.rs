//! Firebase Authentication's scrypt, in the form that Supabase Auth accepts.
//! Spec: <https://github.com/firebase/scrypt>; Supabase Auth, `internal/crypto/password.go`.
//!
//! ```text
//! $fbscrypt$v=1,n=<mem_cost>,r=<rounds>,p=1,ss=<salt separator>,sk=<signer key>$<salt>$<hash>
//! key  = scrypt(password, salt then salt separator, N = 2^mem_cost, r = rounds, p = 1, 32 bytes)
//! hash = AES-256-CTR(key, counter from zero, signer key)
//! ```
//!
//! `ss` may be left out. Salt separator and signer key are the project's, from its "password hash
//! parameters".

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use zeroize::Zeroizing;

use crate::domain::credential::foreign_hash::scrypt::{ScryptCost, power_of_two};
use crate::domain::credential::foreign_hash::{ForeignHashError, Format, fields, policy};

/// Length of the key of AES-256.
const KEY_BYTES: usize = 32;

#[derive(Clone)]
pub struct FirebaseHash {
    cost: ScryptCost,
    salt: Vec<u8>,
    signer_key: Zeroizing<Vec<u8>>,
    hash: Vec<u8>,
}

struct FirebaseParts<'a> {
    version: u64,
    n: u64,
    r: u64,
    p: u64,
    separator: Vec<u8>,
    signer_key: Option<&'a str>,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl FirebaseHash {
    /// Reads what follows `$fbscrypt$`.
    pub fn parse(format: Format, text: &str) -> Result<Self, ForeignHashError> {
        let malformed = ForeignHashError::Malformed(format);
        let FirebaseParts { version, n, r, p, separator, signer_key, mut salt, hash } = parts(text).ok_or(malformed)?;
        if version != 1 {
            return Err(ForeignHashError::Unsupported { format, what: "a version other than 1" });
        }
        let signer_key = signer_key.unwrap_or_default();
        let signer_key = Zeroizing::new(fields::either_base64(signer_key).ok_or(malformed)?);
        let (value, least) = (signer_key.len() as u64, policy::FOREIGN_HASH_MIN_OUTPUT_BYTES as u64);
        if value < least {
            let parameter = "the length of the signer key (sk) in bytes";
            return Err(ForeignHashError::Broken { format, parameter, value, least });
        }
        // The hash is the signer key, encrypted.
        if salt.is_empty() || hash.len() != signer_key.len() {
            return Err(malformed);
        }
        let cost = ScryptCost::new(format, power_of_two(n), r, p)?;
        salt.extend(separator);
        Ok(Self { cost, salt, signer_key, hash })
    }

    pub fn compute(&self, password: &str) -> Zeroizing<Vec<u8>> {
        let key = self.cost.compute(password.as_bytes(), &self.salt, KEY_BYTES);
        let mut cipher = Ctr128BE::<Aes256>::new_from_slices(&key, &[0; 16]).expect("a key of 32 bytes, a block of 16");
        let mut hash = self.signer_key.clone();
        cipher.apply_keystream(&mut hash);
        hash
    }

    pub fn expected(&self) -> &[u8] {
        &self.hash
    }

    pub fn cost_and_limit(&self) -> (u64, u64) {
        self.cost.cost_and_limit()
    }
}

/// `v=1,n=14,r=8,p=1,ss=<base64>,sk=<base64>$<salt>$<hash>`.
fn parts(text: &str) -> Option<FirebaseParts<'_>> {
    let mut parts = text.split('$');
    let (parameters, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(())?;
    let mut parameters = parameters.split(',').peekable();
    let mut number = |name| fields::named_decimal(parameters.next()?, name);
    let (version, n, r, p) = (number("v")?, number("n")?, number("r")?, number("p")?);
    let separator = parameters.next_if(|part| part.starts_with("ss=")).map_or("", |part| &part[3..]);
    let signer_key = parameters.next_if(|part| part.starts_with("sk=")).map(|part| &part[3..]);
    parameters.next().is_none().then_some(())?;
    Some(FirebaseParts {
        version,
        n,
        r,
        p,
        separator: fields::either_base64(separator)?,
        signer_key,
        salt: fields::either_base64(salt)?,
        hash: fields::either_base64(hash)?,
    })
}
