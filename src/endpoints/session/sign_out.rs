//! `POST /logout`: ends sessions of the caller, by scope.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

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
use crate::http::extract::Query;
use crate::http::session;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJwt,
    Code::NoAuthorization,
    Code::SessionNotFound,
    Code::UserBanned,
    Code::UserNotFound,
    Code::ValidationFailed,
];

/// How far, for the document.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ScopeName {
    /// All sessions of the user.
    Global,
    /// This one.
    Local,
    /// All but this one.
    Others,
}

/// How far.
#[derive(Deserialize)]
pub struct Parameters {
    scope: Option<String>,
}

/// Signs out.
///
/// 1. [`Bearer`] has verified the access token; which sessions are to end, the scope says.
/// 2. One statement ends them, if the caller's own session lives.
/// 3. KV hears of it after the response.
#[utoipa::path(
    post, path = "/auth/v1/logout", tag = "Sign in", summary = "Sign out",
    description = "What asks this API refuses the session at once; see the document on verifying tokens for everybody else.",
    security(("bearer" = [])),
    params(("scope" = inline(Option<ScopeName>), Query, description = "`global` (default): all sessions of the user; `local`: this one; `others`: all but this one")),
    responses((status = 204, description = "Signed out")),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
    Bearer(claims): Bearer,
) -> Result<Response, Error> {
    // 1
    let scope = match parameters.scope.as_deref() {
        None | Some("" | "global") => Scope::Global,
        Some("local") => Scope::Local,
        Some("others") => Scope::Others,
        Some(_) => return Err(Error::invalid("Unsupported logout scope: it is global, local or others")),
    };
    // 2
    let now = app.clock.now();
    let audit_id = host::random_id(app.entropy.as_ref());
    let mut db = Connection::open(app.database.as_ref()).await?;
    let ended = revoke::end(&mut db, &session::signed_in(&app, &claims, now), scope, audit_id, &caller).await?;
    // 3
    match ended {
        EndOutcome::Sessions(ended) => after_response::in_background(&app, db, ended, Vec::new()),
        EndOutcome::NoSuchSession => return Err(Code::SessionNotFound.into()),
        EndOutcome::Refused(refusal) => return Err(refusal.into()),
    }
    Ok((StatusCode::NO_CONTENT, Extension(AccountId(claims.sub))).into_response())
}
