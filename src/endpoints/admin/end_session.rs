//! `DELETE /admin/users/{id}/sessions/{session_id}`: ends one session of an account.

use std::sync::Arc;

use axum::Extension;
use axum::response::Response;

use super::end_sessions;
use crate::app::App;
use crate::domain::account::user::Caller;
use crate::http::administrator::Administrator;
use crate::http::error::{Code, Error};
use crate::http::extract::Ids;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJwt,
    Code::InvalidApiKey,
    Code::InvalidId,
    Code::NoAuthorization,
    Code::NoSuchSession,
    Code::NoSuchUser,
    Code::NotAdmin,
];

/// Ends one session, in the steps of [`end_sessions`].
#[utoipa::path(
    delete, path = "/auth/v1/admin/users/{id}/sessions/{session_id}", tag = "Administration", summary = "End one session of a user",
    description = "Takes the scope `users:write`.",
    security(("service" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "Of the account"),
        ("session_id" = uuid::Uuid, Path, description = "Of the session, from the list"),
    ),
    responses((status = 204, description = "It has ended, now or before")),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    administrator: Administrator,
    Ids(user_id, session_id): Ids,
) -> Result<Response, Error> {
    end_sessions::end(&app, &caller, administrator, user_id, Some(session_id)).await
}
