//! New accounts.

pub mod sign_up;
