//! The admin API, call by call.

mod ban;
mod delete_user;
mod import_users;
