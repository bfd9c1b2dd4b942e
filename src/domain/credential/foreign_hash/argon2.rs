//! Argon2i, Argon2d and Argon2id, as the reference library writes them. Spec: RFC 9106; [PHC string
//! format](https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
//!
//! ```text
//! $argon2id$v=19$m=65536,t=3,p=4$<salt>$<hash>         without v: version 16, of before 2016
//! argon2$argon2id$v=19$m=65536,t=3,p=4$<salt>$<hash>   Django
//! ```

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::domain::credential::foreign_hash::{ForeignHashError, Format, fields, policy, reserve_memory};

/// The least bytes of a salt. Source: RFC 9106 §3.1; the crate takes no fewer.
const SALT_MIN_BYTES: usize = 8;

#[derive(Clone)]
pub struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    parameters: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Argon2Hash {
    /// Reads what follows `$argon2`.
    pub fn parse(format: Format, text: &str) -> Result<Self, ForeignHashError> {
        let malformed = || ForeignHashError::Malformed(format);
        let mut parts = text.split('$').peekable();
        let algorithm = match parts.next() {
            Some("id") => Algorithm::Argon2id,
            Some("i") => Algorithm::Argon2i,
            Some("d") => Algorithm::Argon2d,
            _ => return Err(malformed()),
        };
        let version = match parts.next_if(|part| part.starts_with("v=")) {
            Some("v=19") => Version::V0x13,
            Some("v=16") | None => Version::V0x10,
            Some(_) => return Err(ForeignHashError::Unsupported { format, what: "a version other than 16 and 19" }),
        };
        let (Some(parameters), Some(salt), Some(hash), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed());
        };
        let salt = fields::base64(salt).ok_or_else(malformed)?;
        let hash = fields::base64(hash).ok_or_else(malformed)?;
        fields_are_long_enough(format, &salt, &hash)?;
        Ok(Self { algorithm, version, parameters: read_parameters(format, parameters, hash.len())?, salt, hash })
    }

    pub fn compute(&self, password: &str) -> Zeroizing<Vec<u8>> {
        reserve_memory();
        let mut hash = Zeroizing::new(vec![0; self.hash.len()]);
        Argon2::new(self.algorithm, self.version, self.parameters.clone())
            .hash_password_into(password.as_bytes(), &self.salt, &mut hash)
            .expect("salt and hash have lengths that Argon2 takes, and any password does");
        hash
    }

    pub fn expected(&self) -> &[u8] {
        &self.hash
    }

    pub fn cost_and_limit(&self) -> (u64, u64) {
        let cost = u64::from(self.parameters.m_cost()) * u64::from(self.parameters.t_cost());
        (cost, policy::FOREIGN_ARGON2_MAX_KIB_PASSES)
    }
}

fn fields_are_long_enough(format: Format, salt: &[u8], hash: &[u8]) -> Result<(), ForeignHashError> {
    for (parameter, value, least) in [
        ("the length of the salt in bytes", salt.len(), SALT_MIN_BYTES),
        ("the length of the hash in bytes", hash.len(), policy::FOREIGN_HASH_MIN_OUTPUT_BYTES),
    ] {
        if value < least {
            return Err(ForeignHashError::Broken { format, parameter, value: value as u64, least: least as u64 });
        }
    }
    Ok(())
}

/// `m=<KiB>,t=<passes>,p=<lanes>`.
fn read_parameters(format: Format, text: &str, hash_bytes: usize) -> Result<Params, ForeignHashError> {
    let malformed = ForeignHashError::Malformed(format);
    let mut parts = text.split(',');
    let mut read = |name| parts.next().and_then(|part| fields::named_decimal(part, name)).ok_or(malformed);
    let (memory_kib, passes, lanes) = (read("m")?, read("t")?, read("p")?);
    if let Some(further) = parts.next() {
        return Err(match further.split_once('=') {
            Some(("k", _)) => ForeignHashError::OwnHash,
            Some(("keyid", _)) => ForeignHashError::Unsupported { format, what: "a secret key (keyid)" },
            Some(("data", _)) => ForeignHashError::Unsupported { format, what: "associated data" },
            _ => malformed,
        });
    }
    for (parameter, value, least, limit) in [
        ("the number of passes", passes, 1, policy::FOREIGN_ARGON2_MAX_KIB_PASSES),
        ("the number of lanes", lanes, 1, policy::FOREIGN_ARGON2_MAX_LANES),
        ("the memory in KiB", memory_kib, lanes.saturating_mul(8), policy::FOREIGN_HASH_MAX_MEMORY_BYTES as u64 / 1024),
        (
            "the memory in KiB times the number of passes",
            memory_kib.saturating_mul(passes),
            8,
            policy::FOREIGN_ARGON2_MAX_KIB_PASSES,
        ),
    ] {
        if value > limit {
            return Err(ForeignHashError::TooCostly { format, parameter, value, limit });
        }
        if value < least {
            return Err(ForeignHashError::Broken { format, parameter, value, least });
        }
    }
    let number = |value: u64| u32::try_from(value).map_err(|_| malformed);
    Params::new(number(memory_kib)?, number(passes)?, number(lanes)?, Some(hash_bytes)).map_err(|_| malformed)
}
