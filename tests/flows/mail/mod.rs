//! Mirrors `src/flows/mail`.

pub mod deliver;
pub mod sweep;
