//! edgegate: a complete authentication backend in one Cloudflare Worker.
//!
//! One request, signing in, from top to bottom:
//!
//! 1. `worker/lib.rs` receives the fetch event, builds [`app::App`] and calls the router of
//!    [`endpoints`].
//! 2. [`http::answer`] gives the request an id and a time limit, and later its headers and its log
//!    line.
//! 3. [`http::extract`] reads the body into the endpoint's own type.
//! 4. `endpoints/sign_in.rs` parses the address and password ([`domain`], pure), connects, and runs
//! 5. one statement of [`db`] that counts the attempt and returns the account; verifies the hash;
//!    and
//! 6. a second one that opens the session. [`http::session`] signs the tokens.
//!
//! Modules import only what stands above them in this list; `tests/layers.rs` holds them to it.

pub mod domain;

pub mod host;

pub mod config;

pub mod log;

pub mod render;

pub mod integrations;

pub mod db;

pub mod app;

pub mod flows;

pub mod http;

pub mod endpoints;
