//! Mirrors `src/db`: what no request shows. The statements themselves are tested through the
//! endpoints, and that each may be sent twice in `tests/endpoints/across/lost_answers.rs`.

mod account;
mod connection;
mod functions;
mod health;
mod open_session;
mod plans;
mod schema;
