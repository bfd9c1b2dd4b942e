//! Mirrors `src/domain/mail`.

pub mod retry;
pub mod webhook_key;
