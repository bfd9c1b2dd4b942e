//! `DELETE /admin/users/{id}/sessions`: signs a user out everywhere.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::app::App;
use crate::db::admin::sessions;
use crate::db::admin::sessions::AdminEndOutcome;
use crate::db::session::sessions::AuditContext;
use crate::domain::account::user::Caller;
use crate::domain::token::api_key::Scope;
use crate::flows::after_response;
use crate::host;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error};
use crate::http::extract::Id;

/// Every way this call can fail.
pub const FAILURES: &[Code] =
    &[Code::BadJwt, Code::InvalidApiKey, Code::InvalidId, Code::NoAuthorization, Code::NoSuchUser, Code::NotAdmin];

/// Ends all sessions of an account.
///
/// 1. [`Administrator`] has verified the caller.
/// 2. One statement ends them.
/// 3. KV hears of it after the response.
#[utoipa::path(
    delete, path = "/auth/v1/admin/users/{id}/sessions", tag = "Administration", summary = "Sign a user out everywhere",
    description = "Takes the scope `users:write`.",
    security(("service" = [])),
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    responses((status = 204, description = "They have ended, now or before")),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    administrator: Administrator,
    Id(user_id): Id,
) -> Result<Response, Error> {
    end(&app, &caller, administrator, user_id, None).await
}

/// Ends one session of an account, or all of them.
pub(super) async fn end(
    app: &Arc<App>,
    caller: &Caller,
    mut administrator: Administrator,
    user_id: Uuid,
    one: Option<Uuid>,
) -> Result<Response, Error> {
    let now = app.clock.now();
    let mut db = administrator.connect(app, Scope::UsersWrite).await?;
    let audit = AuditContext::of_administrator(host::random_id(app.entropy.as_ref()), caller, &administrator.actor);
    // 2
    let ended = match sessions::end_sessions(&mut db, user_id, one, &audit, now).await? {
        AdminEndOutcome::Sessions(ended) => ended,
        AdminEndOutcome::NoUser => return Err(Code::NoSuchUser.into()),
        AdminEndOutcome::NoSession => {
            return Err(Error::with_message(Code::NoSuchSession, "There is no such session of this account"));
        }
    };
    // 3
    after_response::in_background(app, db, ended, Vec::new());
    Ok((StatusCode::NO_CONTENT, Extension(AccountId(user_id))).into_response())
}
