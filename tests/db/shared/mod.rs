//! Mirrors `src/db/shared`.

mod account;
