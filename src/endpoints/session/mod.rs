//! The caller's sessions: listing and ending them.

use crate::endpoints::table::routes;

pub mod end_session;
pub mod list_sessions;
pub mod sign_out;

routes! {
    post   "/logout"        user => sign_out,
    get    "/sessions"      user => list_sessions,
    delete "/sessions/{id}" user => end_session,
}
