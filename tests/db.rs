//! Mirrors `src/db`: what no request shows. The statements themselves are tested through the
//! endpoints, and that each may be sent twice in `tests/endpoints/across/lost_answers.rs`.

mod connection;
mod functions;
mod operations;
mod plans;
mod schema;
mod session;
mod shared;
