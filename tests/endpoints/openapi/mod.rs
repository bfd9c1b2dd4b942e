//! Mirrors `src/endpoints/openapi`.

pub mod document;
pub mod serve;
