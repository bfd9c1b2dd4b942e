//! `DELETE /sessions/{id}`: ends one session of the caller's user, by its id from `GET /sessions`.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::db::Connection;
use crate::db::session::revoke;
use crate::db::session::revoke::{EndOutcome, Scope};
use crate::domain::account::user::Caller;
use crate::flows::after_response;
use crate::host;
use crate::http::answer::AccountId;
use crate::http::bearer::Bearer;
use crate::http::error::{Code, Error};
use crate::http::extract::Id;
use crate::http::session;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJwt,
    Code::InvalidId,
    Code::NoAuthorization,
    Code::NoSuchSession,
    Code::SessionNotFound,
    Code::UserBanned,
    Code::UserNotFound,
];

/// Ends one session.
///
/// 1. [`Bearer`] has verified the access token.
/// 2. One statement ends the session, if it is the user's and the caller's own lives.
/// 3. KV hears of it after the response.
#[utoipa::path(
    delete, path = "/auth/v1/sessions/{id}", tag = "User", summary = "End one of my sessions",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "Of the session, from the list")),
    responses((status = 204, description = "It has ended, now or before")),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    Bearer(claims): Bearer,
    Id(id): Id,
) -> Result<Response, Error> {
    let now = app.clock.now();
    let audit_id = host::random_id(app.entropy.as_ref());
    let mut db = Connection::open(app.database.as_ref()).await?;
    let signed_in = session::signed_in(&app, &claims, now);
    // 2
    let ended = revoke::end(&mut db, &signed_in, Scope::One(id), audit_id, &caller).await?;
    // 3
    match ended {
        EndOutcome::Sessions(ended) => after_response::in_background(&app, db, ended, Vec::new()),
        EndOutcome::NoSuchSession => return Err(Code::NoSuchSession.into()),
        EndOutcome::Refused(refusal) => return Err(refusal.into()),
    }
    Ok((StatusCode::NO_CONTENT, Extension(AccountId(claims.sub))).into_response())
}
