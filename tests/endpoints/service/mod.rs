//! Mirrors `src/endpoints/service`.

pub mod introspect;
pub mod jwks;
pub mod settings;
