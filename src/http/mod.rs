//! What every endpoint shares of HTTP: reading requests, the protocol's objects and errors,
//! headers. Not here: routes and what they do (`endpoints/`).

pub mod account_fields; // an account as an administrator describes it
pub mod administrator; // a program of the operator's, and what it may do
pub mod answer; // around every request: id, time limit, error shape, headers, log line
pub mod applied_link; // what using a mailed link or code is answered with
pub mod argument; // what a handler's arguments say: who may ask, how the call can fail
pub mod call; // what every handler is given: application, caller, time, id
pub mod codes; // every refusal: status, code, text
pub mod error; // a refusal on its way out
pub mod extract; // typed bodies
pub mod link_page; // the page behind a mailed link
pub mod metadata; // what `data` of a request may be
pub mod objects; // User, Identity, Session as the wire has them
pub mod page; // hosted pages: their headers, their cookie, their cross-site guard
pub mod paging; // lists in pages
pub mod redirect; // where people go after a mailed link
pub mod signed_in; // a signed-in user who makes a call
