//! What the metadata of an account may be: how large, and what PostgreSQL can store.
//! Not here: whether it is an object, which its type says.

use serde_json::Value;
use thiserror::Error;

use crate::domain::policy;

/// Why metadata is refused. The text goes behind the name of the field.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum MetadataError {
    /// More than [`policy::METADATA_MAX_BYTES`] of JSON.
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
    if data.to_string().len() > policy::METADATA_MAX_BYTES {
        return Err(MetadataError::TooLarge);
    }
    if has_nul(data) { Err(MetadataError::Nul) } else { Ok(()) }
}

fn has_nul(data: &Value) -> bool {
    match data {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
