//! Sessions of whoever calls: listing and ending them.

pub mod end_session;
pub mod list_sessions;
pub mod sign_out;
