//! Statements on sessions: opening one, refreshing, ending, listing.

pub mod password_sign_in;
pub mod refresh;
pub mod revoke;
pub mod sessions;
