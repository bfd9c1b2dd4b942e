//! Tests of `src/domain`: one file each, of the same name. Pure: no database, no clock, no network.
//! Expected bytes that no specification publishes were computed by another implementation:
//! `expected_values.py`, and for the hashes of other systems those in `foreign_hash`.

pub mod account;
pub mod bounded_memory;
pub mod credential;
pub mod duration;
pub mod fixtures;
pub mod locale;
pub mod mail;
pub mod policy;
pub mod redirect;
pub mod session;
pub mod strict_json;
pub mod token;
