//! Mirrors `src/endpoints/user`.

pub mod delete_account;
pub mod export_user;
pub mod get_user;
pub mod reauthenticate;
pub mod update_user;
