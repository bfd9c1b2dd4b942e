//! `POST /token?grant_type=…`: which way of signing in is asked for. The ways themselves have files of their own.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use serde::Deserialize;

use super::sign_in;
use crate::app::App;
use crate::domain::user::Caller;
use crate::http::error::{Code, Error};
use crate::http::extract::{Json, Query};
use crate::http::objects;

/// Every way this call can fail.
pub const FAILURES: &[Code] = sign_in::FAILURES;

/// Which grant.
#[derive(Deserialize)]
pub struct Parameters {
    grant_type: Option<String>,
}

/// Signs in by the grant that `grant_type` names. Only then is the body read, as that grant's own type.
#[utoipa::path(
    post, path = "/auth/v1/token", tag = "Sign in", summary = "Sign in with a password",
    params(("grant_type" = String, Query, description = "`password`")),
    request_body(content = sign_in::Request),
    responses((status = 200, description = "Signed in", body = objects::Session)),
)]
pub async fn handle(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
    request: Request,
) -> Result<Response, Error> {
    match parameters.grant_type.as_deref() {
        Some("password") => {
            let Json(credentials) = Json::from_request(request, &app).await?;
            sign_in::handle(&app, &caller, credentials).await
        }
        _ => Err(Error::with_message(Code::InvalidCredentials, "unsupported_grant_type")),
    }
}
