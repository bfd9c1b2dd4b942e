//! Mirrors `src/domain/session`.

pub mod user_agent;
