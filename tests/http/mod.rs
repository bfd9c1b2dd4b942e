//! Mirrors `src/http`: what is the same around every request.

mod answer;
mod argument;
mod bodies;
mod cors;
mod errors;
mod methods;
mod objects;
mod request_id;
mod signed_in;
