//! All native tests, in one binary. The tree mirrors `src`; `support` is what they stand on. Tests of the built Worker
//! are in `tests/worker`.

mod domain;
mod endpoints;
mod http;
mod render;
mod support;
