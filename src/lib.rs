//! edgegate: a complete authentication backend in one Cloudflare Worker.
//!
//! One request, signing in, from top to bottom:
//!
//! 1. `worker/lib.rs` receives the fetch event, builds [`app::App`] around the platform and calls
//!    the router of [`endpoints`].
//! 2. [`http::answer`] makes the [`http::call::Call`] (application, caller, time, id), sets a time
//!    limit, and later adds headers and the log line.
//! 3. `endpoints/token/grant.rs` is the route; `endpoints/token/mod.rs` sees which grant is asked
//!    for, and [`http::extract`] reads the body into that grant's own type.
//! 4. `endpoints/token/sign_in.rs` parses the address and password ([`domain`], pure), connects,
//!    and runs
//! 5. one statement of `db/session/password_sign_in.rs` that counts the attempt and returns the
//!    account; verifies the hash; and
//! 6. a second one that opens the session which [`flows::session::new_session`] has prepared, with
//!    the id of the call for its audit record.
//! 7. [`flows::after_response`] is left with the mail about a new device and the sessions that had
//!    to end; [`flows::session::issue_tokens`] signs the tokens, and [`http::objects::Session`] is
//!    how they leave.
//!
//! A call of a signed-in user takes [`http::signed_in::SignedIn`] and gets its connection from
//! [`connect`](http::signed_in::SignedIn::connect), one of an operator's takes
//! [`http::administrator::Administrator`]: so no endpoint can forget to ask who calls.
//!
//! Each module below imports only those before it; `tests/layers/mod.rs` holds them to that.

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
