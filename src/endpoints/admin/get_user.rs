//! `GET /admin/users/{id}`: one account.

use axum::Extension;
use axum::response::{IntoResponse, Response};

use super::USER_NOT_FOUND;
use crate::db::admin::users;
use crate::domain::token::api_key::Scope;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Error, Failure};
use crate::http::extract::Id;
use crate::http::objects;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[USER_NOT_FOUND];

/// Shows an account.
///
/// 1. [`Administrator`] has verified the caller.
/// 2. One statement finds the account.
#[utoipa::path(
    get, path = "/auth/v1/admin/users/{id}", tag = "Administration", summary = "One account",
    description = "Takes the scope `users:read`.",
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    responses((status = 200, description = "The account", body = objects::User)),
)]
pub async fn handle(administrator: Administrator, Id(user_id): Id) -> Result<Response, Error> {
    let (app, now) = (&administrator.call.app, administrator.call.now);
    let mut db = administrator.connect(Scope::UsersRead).await?;
    let user = users::find(&mut db, user_id).await?.ok_or(USER_NOT_FOUND)?;
    let body = objects::User::new(&user, &app.config().tokens.audience, now);
    Ok((Extension(AccountId(user.id)), axum::Json(body)).into_response())
}
