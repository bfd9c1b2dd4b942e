//! Mirrors `src/endpoints/token`.

pub mod refresh;
pub mod sign_in;
