//! Passwords, and what hashing them may cost.

/// Shortest password, in code points: 8. Default of a setting, and the least that the setting may
/// be; 15 is advised. Source: ASVS 6.2.1; NIST §3.1.1.2.
pub const PASSWORD_MIN_CHARS: usize = 8;

/// The most that the minimum-length setting may ask for, in code points: 64. Source: NIST §3.1.1.2
/// (passwords of 64 characters SHOULD be permitted).
pub const PASSWORD_MIN_CHARS_LIMIT: usize = 64;

/// Longest password, in bytes of UTF-8, as typed and after NFC: 4096. At least 1024 characters of
/// any script fit, and every one counts. The bound keeps normalising and hashing cheap. Source:
/// ASVS 6.2.9 (at least 64 characters).
pub const PASSWORD_MAX_BYTES: usize = 4096;

/// PBKDF2-HMAC-SHA-512 iterations: 220 000. About 245 ms in wasm. Source: OWASP Password Storage
/// cheat sheet.
pub const PBKDF2_ITERATIONS: u32 = 220_000;

/// The most iterations that a stored hash may ask for: 1 000 000, about 1.1 s in wasm. More is a
/// corrupt row or an attack.
pub const PBKDF2_MAX_ITERATIONS: u32 = 1_000_000;

/// Argon2id memory: 19 456 KiB (19 MiB). Source: OWASP Password Storage cheat sheet (m = 19456, t =
/// 2, p = 1).
pub const ARGON2_MEMORY_KIB: u32 = 19_456;

/// Argon2id passes: 2. Source: OWASP Password Storage cheat sheet.
pub const ARGON2_PASSES: u32 = 2;

/// Argon2id lanes: 1; wasm has one thread. Source: OWASP Password Storage cheat sheet.
pub const ARGON2_LANES: u32 = 1;

/// The most memory that a stored hash may ask for: 47 104 KiB (46 MiB), the largest that OWASP
/// lists and what an isolate of 128 MB can give.
pub const ARGON2_MAX_MEMORY_KIB: u32 = 47_104;

/// The most passes that a stored hash may ask for: 5, the most that OWASP lists.
pub const ARGON2_MAX_PASSES: u32 = 5;

/// The most lanes that a stored hash may ask for: 4. They run one after the other here.
pub const ARGON2_MAX_LANES: u32 = 4;

/// The longest hash of another system that is looked at, in bytes: 1024. Firebase's, the longest,
/// take about 250.
pub const FOREIGN_HASH_MAX_BYTES: usize = 1024;

/// The shortest output of a hash of another system, in bytes: 16. A shorter one would be right for
/// too many passwords. Source: RFC 9106 §4 (128-bit tag at least).
pub const FOREIGN_HASH_MIN_OUTPUT_BYTES: usize = 16;

/// The most memory that a hash of another system may ask for, in bytes: 64 MiB, the default of
/// argon2-cffi, PHP and passlib. Half of what an isolate has, and hashes run one after the other
/// there. Source: <https://developers.cloudflare.com/workers/platform/limits/#memory> (128 MB).
pub const FOREIGN_HASH_MAX_MEMORY_BYTES: usize = 64 * 1024 * 1024;

/// How many hashes of our own take as long as one of another system at its limit: 5, about 1.2 s in
/// wasm. The limits of foreign hashes are set by that, and so many places of [`HASHES_IN_FLIGHT`]
/// it takes. Source: measured in wasm, where 220 000 iterations of PBKDF2-HMAC-SHA-512 take as long
/// as bcrypt of cost 12, 290 000 iterations with SHA-256, Argon2 over 64 MiB 3 times, or scrypt
/// with N times r times p = 524 288.
pub const FOREIGN_HASH_MAX_WEIGHT: u64 = 5;

/// The highest cost of a bcrypt hash, as power of two: 14. Systems make 10 to 12.
pub const FOREIGN_BCRYPT_MAX_COST: u32 = 14;

/// The most that an Argon2 hash may cost in KiB of memory times passes: 1 048 576, which is 64 MiB
/// 16 times. PHP makes 4 passes over 64 MiB, argon2-cffi 3.
pub const FOREIGN_ARGON2_MAX_KIB_PASSES: u64 = 1024 * 1024;

/// The most lanes of an Argon2 hash: 16, as Supabase Auth has it. They run one after the other
/// here, and cost no more.
pub const FOREIGN_ARGON2_MAX_LANES: u64 = 16;

/// The most that a scrypt hash may cost as N times r times p: 2 097 152. Firebase's cost 131 072,
/// Werkzeug's and better-auth's 262 144, passlib's 524 288, Django's 655 360.
pub const FOREIGN_SCRYPT_MAX_WORK: u64 = 2 * 1024 * 1024;

/// The most iterations of PBKDF2 with SHA-1 or SHA-256 in a hash of another system: 1 500 000, the
/// default of Django 6.1. With SHA-512 it is [`PBKDF2_MAX_ITERATIONS`].
pub const FOREIGN_PBKDF2_MAX_ITERATIONS: u64 = 1_500_000;

/// Salt of a password hash: 16 bytes. Source: NIST §3.1.1.2 (at least 4 bytes); RFC 9106 §3.1 (16
/// recommended).
pub const PASSWORD_SALT_BYTES: usize = 16;

/// Length of a stored password hash: 32 bytes. Source: RFC 9106 §4 (256-bit tag).
pub const PASSWORD_HASH_BYTES: usize = 32;

/// How many requests may hash, or wait to hash, at once in one isolate: 24. Default of a setting.
/// Hashes run one after the other there, so the last one waits about 6 s, inside
/// [`REQUEST_TIMEOUT`](super::REQUEST_TIMEOUT); more are refused at once.
pub const HASHES_IN_FLIGHT: usize = 24;

/// How many of `limit` places for hashing one network may hold: three quarters, so that a flood
/// from one address leaves room for everybody else, and an office that signs in at nine has enough.
#[must_use]
pub const fn hashes_of_one_network(limit: usize) -> usize {
    limit - limit / 4
}
