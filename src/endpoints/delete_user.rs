//! `DELETE /admin/users/{id}`: deletes an account with everything that belongs to it; its sessions end.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::App;
use crate::db::{Connection, administration};
use crate::domain::user::Caller;
use crate::http::answer::AccountId;
use crate::http::bearer::Administrator;
use crate::http::error::{Code, Error};
use crate::http::extract::{Id, OptionalJson};
use crate::{aftermath, host};

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJson,
    Code::BadJwt,
    Code::InvalidId,
    Code::NoAuthorization,
    Code::NoSuchUser,
    Code::NotAdmin,
    Code::RequestEntityTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
];

/// How.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = Deletion)]
pub struct Request {
    /// Not offered: an account is deleted for good.
    #[schema(example = false)]
    should_soft_delete: Option<bool>,
}

/// Deletes an account.
///
/// 1. [`Administrator`] has verified the caller's service token.
/// 2. One statement ends the account's sessions and deletes it. What remains are its audit records, without e-mail address.
/// 3. KV hears of it after the response.
#[utoipa::path(
    delete, path = "/auth/v1/admin/users/{id}", tag = "Services", summary = "Delete an account",
    description = "For good: the address is free afterwards, and the id is never used again.",
    security(("service" = [])),
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    request_body(content = Option<Request>, example = json!({ "should_soft_delete": false })),
    responses((status = 200, description = "Deleted", body = Object, example = json!({}))),
)]
pub async fn handle(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: Administrator,
    Id(user_id): Id,
    OptionalJson(request): OptionalJson<Request>,
) -> Result<Response, Error> {
    // 1
    if request.should_soft_delete == Some(true) {
        return Err(Error::invalid("should_soft_delete is not offered: an account is deleted for good"));
    }
    let now = app.clock.now();
    let audit_id = host::random_id(app.entropy.as_ref());
    let mut db = Connection::open(app.database.as_ref()).await?;
    // 2
    let ended = administration::delete(&mut db, user_id, audit_id, &caller, now).await?.ok_or(Code::NoSuchUser)?;
    // 3
    aftermath::in_background(&app, db, ended, Vec::new());
    Ok((Extension(AccountId(user_id)), axum::Json(json!({}))).into_response())
}
