//! The parts of a stored hash, as the systems write them: decimal numbers, base64 in its alphabets,
//! hexadecimal digits.

use base64ct::{Base64Bcrypt, Base64Unpadded, Encoding};

/// A decimal number without sign and leading zeros. One beyond 64 bits is as much as there is, so
/// that it is told from a typing error.
pub fn decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().unwrap_or(u64::MAX))
}

/// `name=<decimal>`.
pub fn named_decimal(text: &str, name: &str) -> Option<u64> {
    decimal(text.strip_prefix(name)?.strip_prefix('=')?)
}

/// Standard base64 with or without its padding.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let unpadded = text.trim_end_matches('=');
    let padding = text.len() - unpadded.len();
    let whole = padding == 0 || (padding <= 2 && text.len().is_multiple_of(4));
    Base64Unpadded::decode_vec(unpadded).ok().filter(|_| whole)
}

/// Base64 without padding and with `.` for `+`, as passlib writes it.
pub fn adapted_base64(text: &str) -> Option<Vec<u8>> {
    let standard = !text.contains(['+', '=']);
    standard.then(|| Base64Unpadded::decode_vec(&text.replace('.', "+")).ok())?
}

/// Standard or URL-safe base64: Firebase's command line exports the one, its Admin SDK the other.
pub fn either_base64(text: &str) -> Option<Vec<u8>> {
    base64(&text.replace('-', "+").replace('_', "/"))
}

/// bcrypt's own base64. The spare bits of the last character may be anything, since some systems
/// filled them at random.
pub fn bcrypt_base64<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != (BYTES * 8).div_ceil(6) {
        return None;
    }
    let filled = format!("{text}{}", ".".repeat(text.len().next_multiple_of(4) - text.len()));
    Base64Bcrypt::decode_vec(&filled).ok()?.get(..BYTES)?.try_into().ok()
}

/// Pairs of hexadecimal digits, of either case.
pub fn hex(text: &str) -> Option<Vec<u8>> {
    base16ct::mixed::decode_vec(text).ok()
}
