//! All the SQL there is. One function, one statement, one round trip, the text beside it; functions
//! of the database in `.sql` files of their own, which `npm run migrate` installs.
//!
//! Rules the platform forces (docs/database.md has the reasons): `query_typed` only, built-in
//! column types, one row back, no transaction, and every statement may be sent twice with the
//! outcome of once. Not here: any decision about what an outcome means for the caller.

pub mod account;
pub mod admin;
pub mod audit;
mod connection;
pub mod link;
pub mod mail;
pub mod operations;
pub mod session;

pub use connection::{Connection, Error};
