//! `GET /user/export`: everything that is stored on the caller, for the caller (GDPR, articles 15
//! and 20).

use std::sync::Arc;

use axum::Extension;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::db::Connection;
use crate::db::account::export;
use crate::http::answer::AccountId;
use crate::http::bearer::Bearer;
use crate::http::error::{Code, Error};
use crate::http::session;

/// Every way this call can fail.
pub const FAILURES: &[Code] =
    &[Code::BadJwt, Code::NoAuthorization, Code::SessionNotFound, Code::UserBanned, Code::UserNotFound];

/// Answers with all of it, in one statement.
#[utoipa::path(
    get, path = "/auth/v1/user/export", tag = "User", summary = "Everything stored on me",
    description = "Account, sessions, devices, links, mails, audit events. Left out are hashes, digests and the sealed text of mails.",
    security(("bearer" = [])),
    responses((status = 200, description = "All of it", body = Object)),
)]
pub async fn handle(Extension(app): Extension<Arc<App>>, Bearer(claims): Bearer) -> Result<Response, Error> {
    let signed_in = session::signed_in(&app, &claims, app.clock.now());
    let mut db = Connection::open(app.database.as_ref()).await?;
    let export = export::export(&mut db, &signed_in).await??;
    let download = [(header::CONTENT_DISPOSITION, "attachment; filename=\"account.json\"")];
    Ok((Extension(AccountId(claims.sub)), download, axum::Json(export)).into_response())
}
