//! `GET /sessions`: where the caller's user is signed in.

use std::sync::Arc;

use axum::Extension;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::db::Connection;
use crate::db::session::revoke;
use crate::http::answer::AccountId;
use crate::http::bearer::Bearer;
use crate::http::error::{Code, Error};
use crate::http::{objects, session};

/// Every way this call can fail.
pub const FAILURES: &[Code] =
    &[Code::BadJwt, Code::NoAuthorization, Code::SessionNotFound, Code::UserBanned, Code::UserNotFound];

/// Lists the sessions that live, the one used last first.
///
/// 1. [`Bearer`] has verified the access token.
/// 2. One statement asks whether its session still lives, and for all of them.
#[utoipa::path(
    get, path = "/auth/v1/sessions", tag = "User", summary = "Where am I signed in",
    security(("bearer" = [])),
    responses((status = 200, description = "The sessions that live, the one used last first", body = [objects::ListedSession])),
)]
pub async fn handle(Extension(app): Extension<Arc<App>>, Bearer(claims): Bearer) -> Result<Response, Error> {
    let now = app.clock.now();
    let mut db = Connection::open(app.database.as_ref()).await?;
    let listed = revoke::list(&mut db, &session::signed_in(&app, &claims, now)).await??;
    let inactivity = app.config().sessions.inactivity;
    let body: Vec<objects::ListedSession> = listed
        .into_iter()
        .map(|listed| objects::ListedSession::new(listed, Some(claims.session_id), inactivity))
        .collect();
    Ok((Extension(AccountId(claims.sub)), axum::Json(body)).into_response())
}
