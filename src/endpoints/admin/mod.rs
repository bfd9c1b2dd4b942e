//! The admin API: what programs of the operator's may do to accounts. Each call takes a scope,
//! which [`Administrator::connect`](crate::http::administrator::Administrator::connect) asks for.
//! Routes are in the table of [`super`].

pub mod create_user;
pub mod delete_user;
pub mod end_session;
pub mod end_sessions;
pub mod generate_link;
pub mod get_user;
pub mod import_users;
pub mod invite;
pub mod list_audit_events;
pub mod list_factors;
pub mod list_sessions;
pub mod list_users;
pub mod update_user;
