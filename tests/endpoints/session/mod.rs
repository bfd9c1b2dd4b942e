//! Mirrors `src/endpoints/session`.

pub mod end_session;
pub mod list_sessions;
pub mod sign_out;
