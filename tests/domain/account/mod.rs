//! Mirrors `src/domain/account`.

pub mod email_address;
pub mod email_domains;
pub mod metadata;
