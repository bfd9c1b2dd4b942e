//! All native tests, in one binary. The tree mirrors `src`; `support` is what they stand on. Tests
//! of the built Worker are in `tests/workerd`.

mod app;
mod config;
mod db;
mod domain;
mod endpoints;
mod flows;
mod host;
mod http;
mod integrations;
mod layers;
mod log;
mod render;
mod support;
