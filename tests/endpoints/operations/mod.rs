//! Mirrors `src/endpoints/operations`.

pub mod health;
pub mod mail_events;
pub mod ready;
