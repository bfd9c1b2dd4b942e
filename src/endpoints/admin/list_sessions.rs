//! `GET /admin/users/{id}/sessions`: where a user is signed in.

use std::sync::Arc;

use axum::Extension;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::db::admin::sessions;
use crate::domain::token::api_key::Scope;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error};
use crate::http::extract::Id;
use crate::http::objects;

/// Every way this call can fail.
pub const FAILURES: &[Code] =
    &[Code::BadJwt, Code::InvalidApiKey, Code::InvalidId, Code::NoAuthorization, Code::NoSuchUser, Code::NotAdmin];

/// Lists the sessions that live, the one used last first.
///
/// 1. [`Administrator`] has verified the caller.
/// 2. One statement finds them.
#[utoipa::path(
    get, path = "/auth/v1/admin/users/{id}/sessions", tag = "Administration", summary = "Where a user is signed in",
    description = "As `GET /sessions` shows its user, but for `current`. Takes the scope `users:read`.",
    security(("service" = [])),
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    responses((status = 200, description = "The sessions that live, the one used last first", body = [objects::ListedSession])),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    mut administrator: Administrator,
    Id(user_id): Id,
) -> Result<Response, Error> {
    let now = app.clock.now();
    let inactivity = app.config().sessions.inactivity;
    let mut db = administrator.connect(&app, Scope::UsersRead).await?;
    // 2
    let listed = sessions::list_sessions(&mut db, user_id, now - inactivity, now).await?;
    let body: Vec<objects::ListedSession> = listed
        .ok_or(Code::NoSuchUser)?
        .into_iter()
        .map(|listed| objects::ListedSession::new(listed, None, inactivity))
        .collect();
    Ok((Extension(AccountId(user_id)), axum::Json(body)).into_response())
}
