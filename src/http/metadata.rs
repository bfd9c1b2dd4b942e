//! What `data` of a request may be: the metadata that a user gives about themselves.

use serde_json::Value;

use super::error::Error;
use crate::domain::policy;

/// Refuses metadata that is too large, or that PostgreSQL cannot store.
///
/// # Errors
/// [`super::error::Code::ValidationFailed`].
pub fn check_metadata(data: &Value) -> Result<(), Error> {
    check_metadata_in("data", data)
}

/// The same of a field with another name.
///
/// # Errors
/// As [`check_metadata`].
pub fn check_metadata_in(field: &str, data: &Value) -> Result<(), Error> {
    if data.to_string().len() > policy::METADATA_MAX_BYTES {
        return Err(Error::invalid(format!("{field} is larger than 16 KiB")));
    }
    if has_nul(data) {
        return Err(Error::invalid(format!("{field} contains the character U+0000")));
    }
    Ok(())
}

/// Whether a string in it has the one character that PostgreSQL stores nowhere.
fn has_nul(data: &Value) -> bool {
    match data {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
