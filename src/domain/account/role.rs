//! What the role of an account may be: the claim `role` of its access tokens, by which an app's
//! database tells who may see which row.

use thiserror::Error;

/// The roles that no account may have: in an app's database they may do more than a user, and in a
/// token they look like an operator's.
const ROLES_OF_OPERATORS: [&str; 4] = ["service_role", "supabase_admin", "introspector", "anon"];

/// The longest name of a role, in bytes. Source: PostgreSQL, `NAMEDATALEN`.
const ROLE_MAX_BYTES: usize = 63;

/// Why a text is no role of an account.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum RoleError {
    /// Not a name as PostgreSQL has them without quotes.
    #[error("role must be of lower-case letters, digits and _, at most 63, and not begin with a digit")]
    Name,
    /// A role that administers, or that stands for callers without an account.
    #[error("An account cannot have this role: it is an operator's")]
    Operators,
}

/// Whether an account may have this role.
///
/// # Errors
/// [`RoleError`].
pub fn check(role: &str) -> Result<(), RoleError> {
    let starts_well = role.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    let is_name = role.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !starts_well || !is_name || role.len() > ROLE_MAX_BYTES {
        return Err(RoleError::Name);
    }
    if ROLES_OF_OPERATORS.contains(&role) { Err(RoleError::Operators) } else { Ok(()) }
}
