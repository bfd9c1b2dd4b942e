//! Mirrors `src/endpoints`: each call through the front door. What holds for all of them at once
//! stands in `across`.

pub mod account;
pub mod across;
pub mod admin;
pub mod disabled;
pub mod factors;
pub mod links;
pub mod openapi;
pub mod operations;
pub mod pages;
pub mod service;
pub mod session;
pub mod token;
pub mod user;
