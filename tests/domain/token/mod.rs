//! Mirrors `src/domain/token`.

pub mod access_token;
pub mod auth_secret;
pub mod jwt_algorithm;
pub mod refresh_token;
pub mod sealed;
pub mod service_token;
pub mod signing_keys;
