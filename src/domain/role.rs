//! The role of an account: the claim `role` of its access tokens, which an app's row level security may go by.

use thiserror::Error;

use super::service_token;

/// The longest name of a role, in bytes. Source: PostgreSQL, `NAMEDATALEN`.
const MAX_BYTES: usize = 63;

/// What everybody is before signing in, in an app's database.
const NOBODY: &str = "anon";

/// Why no account may have a role.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum RoleError {
    /// Not a name that a role in PostgreSQL has without quotes.
    #[error("role must be of lower-case letters, digits and _, at most 63, and not begin with a digit")]
    Malformed,
    /// In an app's database it may do more than a user, or in a token it looks like an operator's.
    #[error("An account cannot have this role: it is an operator's, or nobody's")]
    Reserved,
}

/// Whether an account may have this role.
///
/// # Errors
/// [`RoleError`].
pub fn check(role: &str) -> Result<(), RoleError> {
    let starts_well = role.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    let is_name = role.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !starts_well || !is_name || role.len() > MAX_BYTES {
        return Err(RoleError::Malformed);
    }
    if service_token::is_reserved(role) || role == NOBODY {
        return Err(RoleError::Reserved);
    }
    Ok(())
}
