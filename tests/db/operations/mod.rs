//! Mirrors `src/db/operations`.

mod health;
