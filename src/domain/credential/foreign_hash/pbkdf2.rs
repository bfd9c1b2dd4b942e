//! PBKDF2 with HMAC-SHA-1, -256 and -512, as passlib, Django and Werkzeug write it.
//! Spec: RFC 8018 §5.2. Not here: edgegate's own, which begins `$pbkdf2-sha512$i=`.
//!
//! ```text
//! $pbkdf2-sha256$29000$<salt>$<hash>          passlib: base64 with . for +; $pbkdf2$ is SHA-1
//! pbkdf2_sha256$1000000$<salt>$<hash>         Django: the salt as written, the hash base64
//! pbkdf2:sha256:1000000$<salt>$<hash>         Werkzeug: the salt as written, the hash hexadecimal
//! ```

use hmac::Hmac;
use pbkdf2::pbkdf2;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use crate::domain::credential::foreign_hash::{ForeignHashError, Format, fields, policy};

#[derive(Clone)]
pub struct Pbkdf2Hash {
    function: Function,
    iterations: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// The hash function below HMAC.
#[derive(Clone, Copy)]
enum Function {
    Sha1,
    Sha256,
    Sha512,
}

impl Function {
    fn of(name: &str) -> Option<Self> {
        match name {
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The systems keep as many bytes as the function gives.
    const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn max_iterations(self) -> u64 {
        match self {
            Self::Sha1 | Self::Sha256 => policy::FOREIGN_PBKDF2_MAX_ITERATIONS,
            Self::Sha512 => u64::from(policy::PBKDF2_MAX_ITERATIONS),
        }
    }
}

impl Pbkdf2Hash {
    /// Reads what follows the prefix.
    pub fn parse(format: Format, text: &str) -> Result<Self, ForeignHashError> {
        let malformed = ForeignHashError::Malformed(format);
        let mut parts = text.split('$');
        let (Some(name), Some(second)) = (parts.next(), parts.next()) else {
            return Err(malformed);
        };
        // Werkzeug has the iterations beside the name.
        let (name, iterations, salt) = match format {
            Format::WerkzeugPbkdf2 => {
                let (name, iterations) = name.split_once(':').ok_or(malformed)?;
                (name, iterations, Some(second))
            }
            _ => (name, second, parts.next()),
        };
        if format == Format::PasslibPbkdf2 && name == "-sha512" && second.starts_with("i=") {
            return Err(ForeignHashError::OwnHash);
        }
        let function = match format {
            Format::PasslibPbkdf2 if name.is_empty() => Some(Function::Sha1),
            Format::PasslibPbkdf2 => Function::of(name.strip_prefix('-').ok_or(malformed)?),
            _ => Function::of(name),
        };
        let what = "a hash function other than SHA-1, SHA-256 and SHA-512";
        let function = function.ok_or(ForeignHashError::Unsupported { format, what })?;
        let (Some(salt), Some(hash), None) = (salt, parts.next(), parts.next()) else {
            return Err(malformed);
        };
        let iterations = bounded(format, function, fields::decimal(iterations).ok_or(malformed)?)?;
        let (salt, hash) = match format {
            Format::PasslibPbkdf2 => (fields::adapted_base64(salt), fields::adapted_base64(hash)),
            Format::WerkzeugPbkdf2 => (Some(salt.as_bytes().to_vec()), fields::hex(hash)),
            _ => (Some(salt.as_bytes().to_vec()), fields::base64(hash)),
        };
        let (Some(salt), Some(hash)) = (salt, hash) else {
            return Err(malformed);
        };
        if salt.is_empty() || hash.len() != function.bytes() {
            return Err(malformed);
        }
        Ok(Self { function, iterations, salt, hash })
    }

    pub fn compute(&self, password: &str) -> Zeroizing<Vec<u8>> {
        let mut hash = Zeroizing::new(vec![0; self.hash.len()]);
        let (password, salt, iterations) = (password.as_bytes(), &self.salt, self.iterations);
        match self.function {
            Function::Sha1 => pbkdf2::<Hmac<Sha1>>(password, salt, iterations, &mut hash),
            Function::Sha256 => pbkdf2::<Hmac<Sha256>>(password, salt, iterations, &mut hash),
            Function::Sha512 => pbkdf2::<Hmac<Sha512>>(password, salt, iterations, &mut hash),
        }
        .expect("HMAC takes a key of any length");
        hash
    }

    pub fn expected(&self) -> &[u8] {
        &self.hash
    }

    pub fn cost_and_limit(&self) -> (u64, u64) {
        (u64::from(self.iterations), self.function.max_iterations())
    }
}

fn bounded(format: Format, function: Function, value: u64) -> Result<u32, ForeignHashError> {
    let (parameter, limit) = ("the number of iterations", function.max_iterations());
    if value == 0 {
        return Err(ForeignHashError::Broken { format, parameter, value, least: 1 });
    }
    match u32::try_from(value) {
        Ok(iterations) if value <= limit => Ok(iterations),
        _ => Err(ForeignHashError::TooCostly { format, parameter, value, limit }),
    }
}
