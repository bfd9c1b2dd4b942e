//! Mirrors `src/domain/session`.

pub mod assurance;
pub mod reauthentication;
pub mod user_agent;
