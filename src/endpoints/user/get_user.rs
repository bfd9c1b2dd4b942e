//! `GET /user`: who the caller is. The model of a call that needs a signed-in user.

use axum::Extension;
use axum::response::{IntoResponse, Response};

use crate::db::session::sessions;
use crate::domain::session::assurance::AssuranceLevel;
use crate::http::answer::AccountId;
use crate::http::error::{Error, Failure};
use crate::http::objects;
use crate::http::signed_in::SignedIn;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[];

/// Answers with the caller's account.
///
/// 1. [`SignedIn`] has verified the access token, without the database.
/// 2. One statement asks whether its session still lives, and whose it is.
#[utoipa::path(
    get, path = "/auth/v1/user", tag = "User", summary = "Who am I",
    responses((status = 200, description = "The caller's account", body = objects::User)),
)]
pub async fn handle(signed_in: SignedIn) -> Result<Response, Error> {
    let (app, now) = (&signed_in.call.app, signed_in.call.now);
    let (mut db, session) = signed_in.connect(AssuranceLevel::Aal1).await?;
    let user = sessions::user(&mut db, &session).await??;
    let body = objects::User::new(&user, &app.config().tokens.audience, now);
    Ok((Extension(AccountId(user.id)), axum::Json(body)).into_response())
}
