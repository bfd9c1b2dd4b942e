//! `GET /user`: who the caller is. The model of a call that needs a signed-in user.

use std::sync::Arc;

use axum::Extension;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::db::Connection;
use crate::db::session::sessions;
use crate::http::answer::AccountId;
use crate::http::bearer::Bearer;
use crate::http::error::{Code, Error};
use crate::http::{objects, session};

/// Every way this call can fail.
pub const FAILURES: &[Code] =
    &[Code::BadJwt, Code::NoAuthorization, Code::SessionNotFound, Code::UserBanned, Code::UserNotFound];

/// Answers with the caller's account.
///
/// 1. [`Bearer`] has verified the access token, without the database.
/// 2. One statement asks whether its session still lives, and whose it is.
#[utoipa::path(
    get, path = "/auth/v1/user", tag = "User", summary = "Who am I",
    security(("bearer" = [])),
    responses((status = 200, description = "The caller's account", body = objects::User)),
)]
pub async fn handle(Extension(app): Extension<Arc<App>>, Bearer(claims): Bearer) -> Result<Response, Error> {
    let now = app.clock.now();
    let mut db = Connection::open(app.database.as_ref()).await?;
    let user = sessions::user(&mut db, &session::signed_in(&app, &claims, now)).await??;
    let body = objects::User::new(&user, &app.config().tokens.audience, now);
    Ok((Extension(AccountId(user.id)), axum::Json(body)).into_response())
}
