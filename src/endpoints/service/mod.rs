//! For other programs: who a token belongs to, the public keys, what this instance offers.

pub mod introspect;
pub mod jwks;
pub mod settings;
