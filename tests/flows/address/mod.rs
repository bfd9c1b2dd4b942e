//! Mirrors `src/flows/address`.

pub mod accept;
