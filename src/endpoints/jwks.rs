//! `GET /.well-known/jwks.json`: the public keys that verify access tokens (RFC 7517), here and at the root of the origin.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::http::error::Code;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[];

/// Answers with the public keys. HS256 keys are secret and not among them.
#[utoipa::path(
    get, path = "/auth/v1/.well-known/jwks.json", tag = "Operation", summary = "Public keys",
    responses((status = 200, description = "A JWK set", body = Object)),
)]
pub async fn handle(State(app): State<Arc<App>>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=600")];
    (headers, app.config().signing_keys.public_jwks()).into_response()
}
