//! `GET /user/export`: everything that is stored on the caller, for the caller (GDPR, articles 15
//! and 20).

use axum::Extension;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::db::account::export;
use crate::domain::session::assurance::AssuranceLevel;
use crate::http::answer::AccountId;
use crate::http::error::{Error, Failure};
use crate::http::signed_in::SignedIn;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[];

/// Answers with all of it, in one statement.
#[utoipa::path(
    get, path = "/auth/v1/user/export", tag = "User", summary = "Everything stored on me",
    description = "Account, sessions, devices, links, mails, audit events. Left out are hashes, digests and the sealed text of mails.",
    responses((status = 200, description = "All of it", body = Object)),
)]
pub async fn handle(signed_in: SignedIn) -> Result<Response, Error> {
    let (mut db, session) = signed_in.connect(AssuranceLevel::Aal1).await?;
    let export = export::export(&mut db, &session).await??;
    let download = [(header::CONTENT_DISPOSITION, "attachment; filename=\"account.json\"")];
    Ok((Extension(AccountId(signed_in.claims.sub)), download, axum::Json(export)).into_response())
}
