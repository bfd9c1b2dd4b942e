//! All the SQL there is. One function, one statement, one round trip, the text beside it; functions
//! of the database in `.sql` files of their own, which `npm run migrate` installs.
//!
//! Rules the platform forces (docs/database.md has the reasons): `query_typed` only, built-in
//! column types, one row back, no transaction, and every statement may be sent twice with the
//! outcome of once. Not here: any decision about what an outcome means for the caller.

pub mod accounts;
pub mod administration;
pub mod api_keys;
pub mod audit;
pub mod auth_codes;
mod connection;
pub mod email_changes;
pub mod export;
pub mod health;
pub mod housekeeping;
pub mod imports;
pub mod links;
pub mod mailing;
pub mod operator_links;
pub mod outbox;
pub mod own_account;
pub mod refreshes;
pub mod revocations;
pub mod session_ends;
pub mod sessions;
pub mod sign_ins;
pub mod suppressions;

pub use connection::{Connection, Error};
