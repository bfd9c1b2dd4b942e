//! `GET /admin/users/{id}/factors`: the second factors of an account, of which there are none: they
//! are not offered.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::USER_NOT_FOUND;
use crate::db::admin::users;
use crate::domain::token::api_key::Scope;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Error, Failure};
use crate::http::extract::Id;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[USER_NOT_FOUND];

/// Lists nothing, of an account that is there.
#[utoipa::path(
    get, path = "/auth/v1/admin/users/{id}/factors", tag = "Administration", summary = "Second factors of a user",
    description = "Always empty: second factors are not offered. Takes the scope `users:read`.",
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    responses((status = 200, description = "None", body = [Object], example = json!([]))),
)]
pub async fn handle(administrator: Administrator, Id(user_id): Id) -> Result<Response, Error> {
    let mut db = administrator.connect(Scope::UsersRead).await?;
    let user = users::find(&mut db, user_id).await?.ok_or(USER_NOT_FOUND)?;
    Ok((Extension(AccountId(user.id)), axum::Json(json!([]))).into_response())
}
