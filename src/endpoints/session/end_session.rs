//! `DELETE /sessions/{id}`: ends one session of the caller's user, by its id from `GET /sessions`.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::db::session::revoke;
use crate::db::session::revoke::{EndOutcome, EndScope};
use crate::domain::session::assurance::AssuranceLevel;
use crate::flows::after_response;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::Id;
use crate::http::signed_in::SignedIn;

/// The caller has no session of the id in the path.
const SESSION_NOT_FOUND: Failure =
    Code::SessionNotFound.with(StatusCode::NOT_FOUND, "There is no such session of yours");

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[SESSION_NOT_FOUND];

/// Ends one session.
///
/// 1. [`SignedIn`] has verified the access token.
/// 2. One statement ends the session, if it is the user's and the caller's own lives.
/// 3. KV hears of it after the response.
#[utoipa::path(
    delete, path = "/auth/v1/sessions/{id}", tag = "User", summary = "End one of my sessions",
    params(("id" = uuid::Uuid, Path, description = "Of the session, from the list")),
    responses((status = 204, description = "It has ended, now or before")),
)]
pub async fn handle(signed_in: SignedIn, Id(id): Id) -> Result<Response, Error> {
    let SignedIn { claims, call } = &signed_in;
    let (mut db, session) = signed_in.connect(AssuranceLevel::Aal1).await?;
    // 2
    let ended = revoke::end(&mut db, &session, EndScope::One(id), &call.audit()).await?;
    // 3
    match ended {
        EndOutcome::Sessions(ended) => after_response::in_background(&call.app, db, ended, Vec::new()),
        EndOutcome::NoSuchSession => return Err(SESSION_NOT_FOUND.into()),
        EndOutcome::Refused(refusal) => return Err(refusal.into()),
    }
    Ok((StatusCode::NO_CONTENT, Extension(AccountId(claims.sub))).into_response())
}
