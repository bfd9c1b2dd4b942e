//! Statements of the admin API: accounts, their sessions and links, imports, audit records, API
//! keys.

pub mod api_keys;
pub mod audit;
pub mod changes;
pub mod generate_link;
pub mod import_users;
pub mod listing;
pub mod sessions;
pub mod users;
