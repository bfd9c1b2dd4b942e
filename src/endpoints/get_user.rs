//! `GET /user`: who the caller is. The model of a call that needs a signed-in user.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::db::Connection;
use crate::db::sessions::{self, Standing};
use crate::http::answer::AccountId;
use crate::http::bearer::Bearer;
use crate::http::error::{Code, Error};
use crate::http::objects;

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
pub async fn handle(State(app): State<Arc<App>>, Bearer(claims): Bearer) -> Result<Response, Error> {
    let now = app.clock.now();
    let idle_since = now - app.config().session_inactivity;
    let mut db = Connection::open(app.database.as_ref()).await?;
    match sessions::standing(&mut db, claims.sub, claims.session_id, now, idle_since).await? {
        Standing::Good(user) => {
            let body = objects::User::new(&user, &app.config().audience, now);
            let mut response = axum::Json(body).into_response();
            response.extensions_mut().insert(AccountId(user.id));
            Ok(response)
        }
        Standing::NoUser => Err(Code::UserNotFound.into()),
        Standing::NoSession => Err(Code::SessionNotFound.into()),
        Standing::Banned => Err(Code::UserBanned.into()),
    }
}
