//! Mirrors `src/domain/credential`.

pub mod foreign_hash;
pub mod one_time_token;
pub mod password;
pub mod password_hash;
pub mod pkce;
