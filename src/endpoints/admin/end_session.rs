//! `DELETE /admin/users/{id}/sessions/{session_id}`: ends one session of an account.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{SESSION_NOT_FOUND, USER_NOT_FOUND};
use crate::db::admin::sessions;
use crate::db::admin::sessions::AdminEndOutcome;
use crate::domain::token::api_key::Scope;
use crate::flows::after_response;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Error, Failure};
use crate::http::extract::Ids;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[SESSION_NOT_FOUND, USER_NOT_FOUND];

/// Ends one session.
///
/// 1. [`Administrator`] has verified the caller.
/// 2. One statement ends it.
/// 3. KV hears of it after the response.
#[utoipa::path(
    delete, path = "/auth/v1/admin/users/{id}/sessions/{session_id}", tag = "Administration",
    summary = "End one session of a user",
    description = "Takes the scope `users:write`.",
    params(
        ("id" = uuid::Uuid, Path, description = "Of the account"),
        ("session_id" = uuid::Uuid, Path, description = "Of the session, from the list"),
    ),
    responses((status = 204, description = "It has ended, now or before")),
)]
pub async fn handle(administrator: Administrator, Ids(user_id, session_id): Ids) -> Result<Response, Error> {
    let (app, now) = (&administrator.call.app, administrator.call.now);
    let mut db = administrator.connect(Scope::UsersWrite).await?;
    // 2
    let ended = match sessions::end_sessions(&mut db, user_id, Some(session_id), &administrator.audit(), now).await? {
        AdminEndOutcome::Sessions(ended) => ended,
        AdminEndOutcome::NoUser => return Err(USER_NOT_FOUND.into()),
        AdminEndOutcome::NoSession => {
            return Err(SESSION_NOT_FOUND.into());
        }
    };
    // 3
    after_response::in_background(app, db, ended, Vec::new());
    Ok((StatusCode::NO_CONTENT, Extension(AccountId(user_id))).into_response())
}
