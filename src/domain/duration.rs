//! Spans of time as operators write them: `24h`, `1h30m`, `2.5 days`.

use std::time::Duration;

/// The longest text: 64 bytes. `1y 2months 3w 4d 5h 6m 7s` has 24.
const MAX_BYTES: usize = 64;

/// The most digits of one number: 10. So many years add up to far less than 2^64 seconds, beyond
/// which the sums of the parser are not checked.
const MAX_DIGITS: usize = 10;

/// Reads a span of time; `None` if it is none, or far beyond what anybody means.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let longest_number = text.split(|c: char| !c.is_ascii_digit() && !c.is_whitespace()).map(digits).max();
    if text.len() > MAX_BYTES || longest_number.is_some_and(|digits| digits > MAX_DIGITS) {
        return None;
    }
    humantime::parse_duration(text).ok()
}

/// White space inside of a number does not end it.
fn digits(number: &str) -> usize {
    number.chars().filter(char::is_ascii_digit).count()
}
