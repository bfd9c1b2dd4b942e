//! Mirrors `src/db/session`.

mod open_session;
