//! `POST /token`: one file for each grant.

pub mod exchange;
pub mod grant;
pub mod refresh;
pub mod sign_in;
