//! Statements on the caller's own account: making it, changing and deleting it, taking it along.

pub mod delete;
pub mod export;
pub mod reauthenticate;
pub mod refusal;
pub mod sign_up;
pub mod update;
