//! Mirrors `src/db`: what no request shows. The statements themselves are tested through the
//! endpoints, and that each may be sent twice in `tests/endpoints/across/lost_answers.rs`.

mod connection;
mod health;
mod open_session;
mod schema;
