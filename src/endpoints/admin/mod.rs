//! The admin API: what programs of the operator's may do to accounts. Each call takes a scope,
//! which [`Administrator::connect`](crate::http::administrator::Administrator::connect) asks for.

use axum::http::StatusCode;

use crate::domain::token::api_key::Scope;
use crate::endpoints::table::routes;
use crate::http::error::{Code, Failure, USER_NOT_FOUND};

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

routes! {
    post   "/invite"                                 administrator(Scope::LinksWrite) => invite,
    post   "/admin/generate_link"                    administrator(Scope::LinksWrite) => generate_link,
    get    "/admin/audit"                            administrator(Scope::AuditRead)  => list_audit_events,
    get    "/admin/users"                            administrator(Scope::UsersRead)  => list_users,
    post   "/admin/users"                            administrator(Scope::UsersWrite) => create_user,
    post   "/admin/users/import"                     administrator(Scope::UsersWrite) => import_users,
    get    "/admin/users/{id}"                       administrator(Scope::UsersRead)  => get_user,
    put    "/admin/users/{id}"                       administrator(Scope::UsersWrite) => update_user,
    delete "/admin/users/{id}"                       administrator(Scope::UsersWrite) => delete_user,
    get    "/admin/users/{id}/sessions"              administrator(Scope::UsersRead)  => list_sessions,
    delete "/admin/users/{id}/sessions"              administrator(Scope::UsersWrite) => end_sessions,
    delete "/admin/users/{id}/sessions/{session_id}" administrator(Scope::UsersWrite) => end_session,
    get    "/admin/users/{id}/factors"               administrator(Scope::UsersRead)  => list_factors,
}

/// The account of the path has no session of the id that follows.
const SESSION_NOT_FOUND: Failure =
    Code::SessionNotFound.with(StatusCode::NOT_FOUND, "There is no such session of this account");
