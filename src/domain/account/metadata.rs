//! What the metadata of an account may be: how large, and what PostgreSQL can store.
//! Not here: whether it is an object, which its type says.

use serde_json::Value;
use thiserror::Error;

use crate::domain::policy;

/// Why metadata is refused. The text goes behind the name of the field.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum MetadataError {
    /// More than [`policy::METADATA_MAX_BYTES`] as PostgreSQL stores it.
    #[error("is larger than 16 KiB")]
    TooLarge,
    /// A string in it has the one character that PostgreSQL stores nowhere.
    #[error("contains the character U+0000")]
    Nul,
}

/// Whether `data` can be an account's.
///
/// # Errors
/// [`MetadataError`].
pub fn check(data: &Value) -> Result<(), MetadataError> {
    if stored_bytes(data) > policy::METADATA_MAX_BYTES {
        return Err(MetadataError::TooLarge);
    }
    if has_nul(data) { Err(MetadataError::Nul) } else { Ok(()) }
}

/// How long `data` is as PostgreSQL writes its `jsonb`: a blank behind each comma and colon, and
/// numbers without an exponent, so that `1e308` has 309 digits. What one call accepts by this
/// measure no later call finds too large.
#[must_use]
pub fn stored_bytes(data: &Value) -> usize {
    let separators = |count: usize| 2 * count.saturating_sub(1);
    match data {
        Value::Null | Value::Bool(_) | Value::String(_) => data.to_string().len(),
        Value::Number(number) => number_bytes(&number.to_string()),
        Value::Array(items) => 2 + separators(items.len()) + items.iter().map(stored_bytes).sum::<usize>(),
        Value::Object(members) => {
            let each = members
                .iter()
                .map(|(name, value)| Value::String(name.clone()).to_string().len() + ": ".len() + stored_bytes(value));
            2 + separators(members.len()) + each.sum::<usize>()
        }
    }
}

/// How long a number of JSON is without its exponent.
fn number_bytes(text: &str) -> usize {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let unsigned = mantissa.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    let leading_zeros = digits.len() - digits.trim_start_matches('0').len();
    let is_zero = leading_zeros == digits.len();
    let length = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let before_point = if is_zero { 1 } else { (length(whole.len()) + exponent - length(leading_zeros)).max(1) };
    let after_point = (length(fraction.len()) - exponent).max(0);
    let sign = i64::from(mantissa.starts_with('-') && !is_zero);
    usize::try_from(sign + before_point + i64::from(after_point > 0) + after_point).unwrap_or(usize::MAX)
}

fn has_nul(data: &Value) -> bool {
    match data {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
