//! All native tests, in one binary. The tree mirrors `src`; `support` is what they stand on. Tests
//! of the built Worker are in `tests/workerd`.

mod address;
mod config;
mod db;
mod deliverability;
mod dns;
mod domain;
mod endpoints;
mod http;
mod layers;
mod log;
mod mail_provider;
mod openapi;
mod outbox;
mod render;
mod revocation;
mod support;
