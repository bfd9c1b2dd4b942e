//! Tests of `src/domain`: one file each, of the same name. Pure: no database, no clock, no network.
//! Expected bytes that no specification publishes were computed by another implementation:
//! `expected_values.py`, and for the hashes of other systems those in `foreign_hash`.

mod access_token;
mod auth_secret;
mod email_address;
mod email_domains;
mod fixtures;
mod foreign_hash;
mod jwt_algorithm;
mod locale;
mod one_time_token;
mod password;
mod password_hash;
mod pkce;
mod policy;
mod redirect;
mod refresh_token;
mod retry;
mod sealed;
mod service_token;
mod signing_keys;
mod strict_json;
mod user_agent;
mod webhook_key;
