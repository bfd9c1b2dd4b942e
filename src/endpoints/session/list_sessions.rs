//! `GET /sessions`: where the caller's user is signed in.

use axum::Extension;
use axum::response::{IntoResponse, Response};

use crate::db::session::revoke;
use crate::domain::session::assurance::AssuranceLevel;
use crate::http::answer::AccountId;
use crate::http::error::{Error, Failure};
use crate::http::objects;
use crate::http::signed_in::SignedIn;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[];

/// Lists the sessions that live, the one used last first.
///
/// 1. [`SignedIn`] has verified the access token.
/// 2. One statement asks whether its session still lives, and for all of them.
#[utoipa::path(
    get, path = "/auth/v1/sessions", tag = "User", summary = "Where am I signed in",
    responses((status = 200, description = "The sessions that live, the one used last first",
        body = [objects::ListedSession])),
)]
pub async fn handle(signed_in: SignedIn) -> Result<Response, Error> {
    let SignedIn { claims, call } = &signed_in;
    let (mut db, session) = signed_in.connect(AssuranceLevel::Aal1).await?;
    let listed = revoke::list(&mut db, &session).await??;
    let inactivity = call.app.config().sessions.inactivity;
    let body: Vec<objects::ListedSession> = listed
        .into_iter()
        .map(|listed| objects::ListedSession::new(listed, Some(claims.session_id), inactivity))
        .collect();
    Ok((Extension(AccountId(claims.sub)), axum::Json(body)).into_response())
}
