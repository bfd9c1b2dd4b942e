//! What `data` of a request may be: the metadata that a user gives about themselves.

use serde_json::Value;

use super::error::Error;
use crate::domain::account::metadata;

/// Refuses metadata that is too large, or that PostgreSQL cannot store.
///
/// # Errors
/// [`super::error::Code::ValidationFailed`].
pub fn check_metadata(data: &Value) -> Result<(), Error> {
    check_metadata_in("data", data)
}

/// Refuses metadata in the field of this name as [`check_metadata`] does in `data`.
///
/// # Errors
/// As [`check_metadata`].
pub fn check_metadata_in(field: &str, data: &Value) -> Result<(), Error> {
    metadata::check(data).map_err(|problem| Error::invalid(format!("{field} {problem}")))
}
