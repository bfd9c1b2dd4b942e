//! Statements on the account of whoever calls: making it, changing and deleting it, taking it
//! along.

pub mod export;
pub mod sign_up;
pub mod update;
