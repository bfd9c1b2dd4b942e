//! `GET /admin/users/{id}`: one account.

use std::sync::Arc;

use axum::Extension;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::db::admin::users;
use crate::domain::token::api_key::Scope;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error};
use crate::http::extract::Id;
use crate::http::objects;

/// Every way this call can fail.
pub const FAILURES: &[Code] =
    &[Code::BadJwt, Code::InvalidApiKey, Code::InvalidId, Code::NoAuthorization, Code::NoSuchUser, Code::NotAdmin];

/// Shows an account.
///
/// 1. [`Administrator`] has verified the caller.
/// 2. One statement finds the account.
#[utoipa::path(
    get, path = "/auth/v1/admin/users/{id}", tag = "Administration", summary = "One account",
    description = "Takes the scope `users:read`.",
    security(("service" = [])),
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    responses((status = 200, description = "The account", body = objects::User)),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    mut administrator: Administrator,
    Id(user_id): Id,
) -> Result<Response, Error> {
    let now = app.clock.now();
    let mut db = administrator.connect(&app, Scope::UsersRead).await?;
    let user = users::find(&mut db, user_id).await?.ok_or(Code::NoSuchUser)?;
    let body = objects::User::new(&user, &app.config().tokens.audience, now);
    Ok((Extension(AccountId(user.id)), axum::Json(body)).into_response())
}
