//! scrypt, as passlib, Werkzeug, Django and better-auth write it.
//! Spec: RFC 7914. Not here: Firebase's variant (`firebase.rs`).
//!
//! ```text
//! $scrypt$ln=16,r=8,p=1$<salt>$<hash>   passlib, Rust: N = 2^ln, base64
//! scrypt:32768:8:1$<salt>$<hash>        Werkzeug: N:r:p, the salt as written, the hash hexadecimal
//! scrypt$16384$<salt>$8$5$<hash>        Django: N$salt$r$p, the salt as written, the hash base64
//! <salt>:<hash>                         better-auth: N = 16384, r = 16, p = 1, the hexadecimal digits of
//!                                       the salt as written, of the password in NFKC
//! ```

use scrypt::Params;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::domain::credential::foreign_hash::{ForeignHashError, Format, fields, policy, reserve_memory};

/// Length of the hash of Werkzeug, Django and better-auth.
const LONG_HASH_BYTES: usize = 64;
/// Length of better-auth's salt, in hexadecimal digits.
const BETTER_AUTH_SALT_CHARS: usize = 32;

#[derive(Clone)]
pub struct ScryptHash {
    cost: ScryptCost,
    salt: Vec<u8>,
    hash: Vec<u8>,
    compatibility_form: bool,
}

/// N, r and p, within bounds.
#[derive(Clone, Copy)]
pub struct ScryptCost {
    log_n: u8,
    r: u32,
    p: u32,
}

/// Two hexadecimal numbers and a colon between: no other system writes hashes like that.
pub fn looks_like_better_auth(text: &str) -> bool {
    let is_hex = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split_once(':').is_some_and(|(salt, hash)| is_hex(salt) && is_hex(hash))
}

impl ScryptHash {
    /// Reads what follows the prefix.
    pub fn parse(format: Format, text: &str) -> Result<Self, ForeignHashError> {
        let malformed = ForeignHashError::Malformed(format);
        let parts = match format {
            Format::WerkzeugScrypt => werkzeug_parts(text),
            Format::DjangoScrypt => django_parts(text),
            Format::BetterAuthScrypt => better_auth_parts(text),
            _ => phc_parts(text),
        };
        let ScryptParts { n, r, p, salt, hash } = parts.ok_or(malformed)?;
        let cost = ScryptCost::new(format, n, r, p)?;
        let (value, least) = (hash.len() as u64, policy::FOREIGN_HASH_MIN_OUTPUT_BYTES as u64);
        if value < least {
            let parameter = "the length of the hash in bytes";
            return Err(ForeignHashError::Broken { format, parameter, value, least });
        }
        let fixed = format != Format::Scrypt;
        if salt.is_empty() || hash.len() > LONG_HASH_BYTES || (fixed && hash.len() != LONG_HASH_BYTES) {
            return Err(malformed);
        }
        Ok(Self { cost, salt, hash, compatibility_form: format == Format::BetterAuthScrypt })
    }

    pub fn compute(&self, password: &str) -> Zeroizing<Vec<u8>> {
        if !self.compatibility_form {
            return self.cost.compute(password.as_bytes(), &self.salt, self.hash.len());
        }
        // NFKC makes a text at most eleven times as long, so the buffer never moves and leaves no
        // copy behind.
        let mut normalized = Zeroizing::new(String::with_capacity(11 * password.len()));
        normalized.extend(password.nfkc());
        self.cost.compute(normalized.as_bytes(), &self.salt, self.hash.len())
    }

    pub fn expected(&self) -> &[u8] {
        &self.hash
    }

    pub fn cost_and_limit(&self) -> (u64, u64) {
        self.cost.cost_and_limit()
    }
}

impl ScryptCost {
    /// # Errors
    /// If N is no power of two, or the cost is out of bounds.
    pub fn new(format: Format, n: u64, r: u64, p: u64) -> Result<Self, ForeignHashError> {
        let malformed = ForeignHashError::Malformed(format);
        for (parameter, value, least) in [("N", n, 2), ("r", r, 1), ("p", p, 1)] {
            if value < least {
                return Err(ForeignHashError::Broken { format, parameter, value, least });
            }
        }
        let memory = r.saturating_mul(128).saturating_mul(n.saturating_add(p));
        let work = n.saturating_mul(r).saturating_mul(p);
        for (parameter, value, limit) in [
            ("the memory in bytes", memory, policy::FOREIGN_HASH_MAX_MEMORY_BYTES as u64 + 32 * 1024),
            ("N times r times p", work, policy::FOREIGN_SCRYPT_MAX_WORK),
        ] {
            if value > limit {
                return Err(ForeignHashError::TooCostly { format, parameter, value, limit });
            }
        }
        if !n.is_power_of_two() {
            return Err(malformed);
        }
        let number = |value: u64| u32::try_from(value).map_err(|_| malformed);
        let log_n = u8::try_from(n.ilog2()).map_err(|_| malformed)?;
        let cost = Self { log_n, r: number(r)?, p: number(p)? };
        Params::new(log_n, cost.r, cost.p, LONG_HASH_BYTES).map_err(|_| malformed)?;
        Ok(cost)
    }

    /// `length` is between 10 and 64 bytes.
    pub fn compute(self, password: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
        reserve_memory();
        let mut hash = Zeroizing::new(vec![0; length]);
        let parameters = Params::new(self.log_n, self.r, self.p, length).expect("checked when it was read");
        scrypt::scrypt(password, salt, &parameters, &mut hash).expect("the length is one that scrypt takes");
        hash
    }

    pub fn cost_and_limit(self) -> (u64, u64) {
        ((1 << self.log_n) * u64::from(self.r) * u64::from(self.p), policy::FOREIGN_SCRYPT_MAX_WORK)
    }
}

struct ScryptParts {
    n: u64,
    r: u64,
    p: u64,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

/// `ln=16,r=8,p=1$<salt>$<hash>`.
fn phc_parts(text: &str) -> Option<ScryptParts> {
    let mut parts = text.split('$');
    let (parameters, salt, hash) = (parts.next()?, fields::base64(parts.next()?)?, fields::base64(parts.next()?)?);
    let mut numbers = parameters.split(',');
    let log_n = fields::named_decimal(numbers.next()?, "ln")?;
    let (r, p) = (fields::named_decimal(numbers.next()?, "r")?, fields::named_decimal(numbers.next()?, "p")?);
    let complete = parts.next().is_none() && numbers.next().is_none();
    complete.then(|| ScryptParts { n: power_of_two(log_n), r, p, salt, hash })
}

/// `32768:8:1$<salt>$<hash>`.
fn werkzeug_parts(text: &str) -> Option<ScryptParts> {
    let (parameters, rest) = text.split_once('$')?;
    let (salt, hash) = rest.split_once('$')?;
    let mut numbers = parameters.split(':');
    let mut number = || fields::decimal(numbers.next()?);
    let (n, r, p) = (number()?, number()?, number()?);
    let complete = numbers.next().is_none();
    complete.then_some(())?;
    Some(ScryptParts { n, r, p, salt: salt.as_bytes().to_vec(), hash: fields::hex(hash)? })
}

/// `16384$<salt>$8$5$<hash>`.
fn django_parts(text: &str) -> Option<ScryptParts> {
    let mut parts = text.split('$');
    let (n, salt) = (fields::decimal(parts.next()?)?, parts.next()?.as_bytes().to_vec());
    let (r, p) = (fields::decimal(parts.next()?)?, fields::decimal(parts.next()?)?);
    let hash = fields::base64(parts.next()?)?;
    parts.next().is_none().then_some(ScryptParts { n, r, p, salt, hash })
}

/// `<salt>:<hash>`.
fn better_auth_parts(text: &str) -> Option<ScryptParts> {
    let (salt, hash) = text.split_once(':')?;
    let salt = (salt.len() == BETTER_AUTH_SALT_CHARS).then(|| salt.as_bytes().to_vec())?;
    Some(ScryptParts { n: 16_384, r: 16, p: 1, salt, hash: fields::hex(hash)? })
}

/// Two to the power of `exponent`, or as much as there is.
pub fn power_of_two(exponent: u64) -> u64 {
    u32::try_from(exponent).ok().and_then(|exponent| 1_u64.checked_shl(exponent)).unwrap_or(u64::MAX)
}
