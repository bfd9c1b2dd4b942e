//! Mirrors `src/endpoints/account`.

pub mod sign_up;
