//! `POST /logout`: ends sessions of the caller, by scope.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::db::session::revoke;
use crate::db::session::revoke::{EndOutcome, EndScope};
use crate::domain::session::assurance::AssuranceLevel;
use crate::flows::after_response;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::Query;
use crate::http::signed_in::SignedIn;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[];

/// How far signing out goes.
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
/// 1. [`SignedIn`] has verified the access token; which sessions are to end, the scope says.
/// 2. One statement ends them, if the caller's own session lives.
/// 3. KV hears of it after the response.
#[utoipa::path(
    post, path = "/auth/v1/logout", tag = "Sign in", summary = "Sign out",
    description = "What asks this API refuses the session at once; see the document on verifying \
        tokens for everybody else.",
    params(("scope" = inline(Option<ScopeName>), Query,
        description = "`global` (default): all sessions of the user; `local`: this one; `others`: all but this one")),
    responses((status = 204, description = "Signed out")),
)]
pub async fn handle(Query(parameters): Query<Parameters>, signed_in: SignedIn) -> Result<Response, Error> {
    // 1
    let scope = match parameters.scope.as_deref() {
        None | Some("" | "global") => EndScope::Global,
        Some("local") => EndScope::Local,
        Some("others") => EndScope::Others,
        Some(_) => return Err(Error::invalid("Unsupported logout scope: it is global, local or others")),
    };
    // 2
    let SignedIn { claims, call } = &signed_in;
    let (mut db, session) = signed_in.connect(AssuranceLevel::Aal1).await?;
    let ended = revoke::end(&mut db, &session, scope, &call.audit()).await?;
    // 3
    match ended {
        EndOutcome::Sessions(ended) => after_response::in_background(&call.app, db, ended, Vec::new()),
        EndOutcome::NoSuchSession => return Err(Code::SessionNotFound.into()),
        EndOutcome::Refused(refusal) => return Err(refusal.into()),
    }
    Ok((StatusCode::NO_CONTENT, Extension(AccountId(claims.sub))).into_response())
}
