//! `DELETE /admin/users/{id}`: deletes an account with everything that belongs to it, or softly:
//! the row and its id stay. Its sessions end either way.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::USER_NOT_FOUND;
use crate::db::admin::users;
use crate::domain::token::api_key::Scope;
use crate::flows::after_response;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Error, Failure};
use crate::http::extract::{Id, OptionalJson};

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[USER_NOT_FOUND];

/// How to delete it.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = Deletion)]
pub struct Request {
    /// True: the row and its id stay, for what refers to it. Address, password, metadata and every
    /// way to sign in go.
    #[schema(example = false)]
    should_soft_delete: Option<bool>,
}

/// Deletes an account.
///
/// 1. [`Administrator`] has verified the caller.
/// 2. One statement ends the account's sessions and deletes it. What remains are its audit records,
///    without e-mail address; and the emptied row, if that is asked for.
/// 3. KV hears of it after the response.
#[utoipa::path(
    delete, path = "/auth/v1/admin/users/{id}", tag = "Administration", summary = "Delete an account",
    description = "For good, or softly: then the emptied row stays, and can be deleted for good \
        later. The address is free afterwards, and the id is never used again. Takes the scope \
        `users:write`.",
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    request_body(content = Option<Request>, example = json!({ "should_soft_delete": false })),
    responses((status = 200, description = "Deleted", body = Object, example = json!({}))),
)]
pub async fn handle(
    administrator: Administrator,
    Id(user_id): Id,
    OptionalJson(request): OptionalJson<Request>,
) -> Result<Response, Error> {
    let (app, now) = (&administrator.call.app, administrator.call.now);
    let mut db = administrator.connect(Scope::UsersWrite).await?;
    // 2
    let ended = if request.should_soft_delete == Some(true) {
        users::delete_softly(&mut db, user_id, &administrator.audit(), now).await?
    } else {
        users::delete(&mut db, user_id, &administrator.audit(), now).await?
    };
    let ended = ended.ok_or(USER_NOT_FOUND)?;
    // 3
    after_response::in_background(app, db, ended, Vec::new());
    Ok((Extension(AccountId(user_id)), axum::Json(json!({}))).into_response())
}
