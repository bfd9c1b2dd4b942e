//! `POST /magiclink`: what `POST /otp` was called before; clients of that time still call it.

use axum::http::HeaderMap;
use axum::response::Response;

use super::Request;
use crate::http::call::Call;
use crate::http::error::{Error, Failure};
use crate::http::extract::{Json, Query};
use crate::http::redirect::RedirectTo;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = super::FAILURES;

/// Mails a link and code that sign in.
#[utoipa::path(
    post, path = "/auth/v1/magiclink", tag = "Sign in", summary = "The older name of POST /otp",
    request_body(content = Request, example = json!({ "email": "ada@example.com" })),
    params(("redirect_to" = Option<String>, Query, description = "Where to go after signing in")),
    responses((status = 200, description = "Mailed, if somebody may sign in", body = Object, example = json!({}))),
)]
pub async fn handle(
    call: Call,
    headers: HeaderMap,
    parameters: Query<RedirectTo>,
    request: Json<Request>,
) -> Result<Response, Error> {
    super::handle(call, headers, parameters, request).await
}
