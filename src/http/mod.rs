//! What every endpoint shares of HTTP: reading requests, the protocol's objects and errors,
//! headers. Not here: routes and what they do (`endpoints/`).

pub mod administrator; // a program of the operator's, and what it may do
pub mod answer; // around every request: id, time limit, error shape, headers, log line
pub mod bearer; // the token of a call
pub mod caller; // who is calling: address, browser, language
pub mod codes; // every refusal: status, code, text
pub mod error; // a refusal on its way out
pub mod extract; // typed bodies
pub mod metadata;
pub mod objects; // User, Identity, Session as the wire has them
pub mod page; // hosted pages: their headers, their cookie, their cross-site guard
pub mod paging; // lists in pages
pub mod reauthentication;
pub mod redirect; // where people go after a mailed link
pub mod session; // the tokens that signing in and refreshing end with
