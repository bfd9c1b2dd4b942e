//! `DELETE /admin/users/{id}/sessions`: signs a user out everywhere.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::USER_NOT_FOUND;
use crate::db::admin::sessions;
use crate::db::admin::sessions::AdminEndOutcome;
use crate::domain::token::api_key::Scope;
use crate::flows::after_response;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Error, Failure};
use crate::http::extract::Id;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[USER_NOT_FOUND];

/// Ends all sessions of an account.
///
/// 1. [`Administrator`] has verified the caller.
/// 2. One statement ends them.
/// 3. KV hears of it after the response.
#[utoipa::path(
    delete, path = "/auth/v1/admin/users/{id}/sessions", tag = "Administration", summary = "Sign a user out everywhere",
    description = "Takes the scope `users:write`.",
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    responses((status = 204, description = "They have ended, now or before")),
)]
pub async fn handle(administrator: Administrator, Id(user_id): Id) -> Result<Response, Error> {
    let (app, now) = (&administrator.call.app, administrator.call.now);
    let mut db = administrator.connect(Scope::UsersWrite).await?;
    // 2
    let ended = match sessions::end_sessions(&mut db, user_id, None, &administrator.audit(), now).await? {
        AdminEndOutcome::Sessions(ended) => ended,
        AdminEndOutcome::NoUser => return Err(USER_NOT_FOUND.into()),
        AdminEndOutcome::NoSession => return Err(Error::unexpected("no session where none was named")),
    };
    // 3
    after_response::in_background(app, db, ended, Vec::new());
    Ok((StatusCode::NO_CONTENT, Extension(AccountId(user_id))).into_response())
}
