//! Mirrors `src/flows`.

pub mod address;
pub mod mail;
pub mod revocation;
pub mod session;
