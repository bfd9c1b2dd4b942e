//! The admin API: what programs of the operator's may do to accounts. Each call takes a scope, which
//! [`Administrator::connect`](crate::http::administrator::Administrator::connect) asks for. Routes are in the table of
//! [`super`].

pub mod delete_user;
pub mod get_user;
pub mod import_users;
pub mod update_user;
