//! Mirrors `src/flows/mail`.

pub mod deliver;
