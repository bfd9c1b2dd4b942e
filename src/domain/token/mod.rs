//! Tokens that programs carry, and the keys behind them: access and refresh tokens, service tokens,
//! API keys, sealed text.

pub mod access_token; // what a signed-in user shows: a JWT, signed and verified
pub mod api_key; // a key of a program of the operator's
pub mod auth_secret; // AUTH_SECRET and the keys derived from it
pub mod jwt_algorithm; // the three signature algorithms, ES256 without malleability
pub mod refresh_token; // the token that continues a session
pub mod sealed; // encryption of secrets in queued mail
pub mod service_token; // what a program of the operator shows, signed with a key of JWT_KEYS
mod signing_keys; // JWT_KEYS: the keys of access tokens
mod verified_tokens; // access tokens verified before, remembered
