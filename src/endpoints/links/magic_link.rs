//! `POST /magiclink`: what `POST /otp` was called before; clients of that time still call it.

use std::sync::Arc;

use axum::Extension;
use axum::http::HeaderMap;
use axum::response::Response;

use crate::app::App;
use crate::domain::account::user::Caller;
use crate::endpoints::links::otp;
use crate::http::error::{Code, Error};
use crate::http::extract::{Json, Query};
use crate::http::redirect::RedirectTo;

/// Every way this call can fail.
pub const FAILURES: &[Code] = otp::FAILURES;

/// Mails a link and code that sign in.
#[utoipa::path(
    post, path = "/auth/v1/magiclink", tag = "Sign in", summary = "The older name of POST /otp",
    request_body(content = otp::Request, example = json!({ "email": "ada@example.com" })),
    params(("redirect_to" = Option<String>, Query, description = "Where to go after signing in")),
    responses((status = 200, description = "MailRequestOutcome, if somebody may sign in", body = Object, example = json!({}))),
)]
pub async fn handle(
    app: Extension<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    parameters: Query<RedirectTo>,
    request: Json<otp::Request>,
) -> Result<Response, Error> {
    otp::handle(app, caller, headers, parameters, request).await
}
