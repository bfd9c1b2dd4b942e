//! `POST /token`: one file for each grant.

use axum::http::StatusCode;

use crate::endpoints::table::routes;
use crate::http::error::{Code, Failure};

pub mod exchange;
pub mod grant;
pub mod refresh;
pub mod sign_in;

routes! {
    post   "/token" anybody => grant,
}

/// A banned account gets no tokens: the protocol has another status here than where one is used.
const USER_BANNED: Failure = Code::UserBanned.with(StatusCode::BAD_REQUEST, "User is banned");
