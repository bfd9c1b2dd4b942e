//! `GET /admin/users/{id}/sessions`: where a user is signed in.

use axum::Extension;
use axum::response::{IntoResponse, Response};

use super::USER_NOT_FOUND;
use crate::db::admin::sessions;
use crate::domain::token::api_key::Scope;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Error, Failure};
use crate::http::extract::Id;
use crate::http::objects;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[USER_NOT_FOUND];

/// Lists the sessions that live, the one used last first.
///
/// 1. [`Administrator`] has verified the caller.
/// 2. One statement finds them.
#[utoipa::path(
    get, path = "/auth/v1/admin/users/{id}/sessions", tag = "Administration", summary = "Where a user is signed in",
    description = "As `GET /sessions` shows its user, but for `current`. Takes the scope `users:read`.",
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    responses((status = 200, description = "The sessions that live, the one used last first",
        body = [objects::ListedSession])),
)]
pub async fn handle(administrator: Administrator, Id(user_id): Id) -> Result<Response, Error> {
    let (app, now) = (&administrator.call.app, administrator.call.now);
    let inactivity = app.config().sessions.inactivity;
    let mut db = administrator.connect(Scope::UsersRead).await?;
    // 2
    let listed = sessions::list_sessions(&mut db, user_id, now - inactivity, now).await?;
    let body: Vec<objects::ListedSession> = listed
        .ok_or(USER_NOT_FOUND)?
        .into_iter()
        .map(|listed| objects::ListedSession::new(listed, None, inactivity))
        .collect();
    Ok((Extension(AccountId(user_id)), axum::Json(body)).into_response())
}
