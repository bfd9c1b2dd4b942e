//! `GET /openapi.json`: the API's document. It is generated off-wasm from the handlers (`cargo test` compares it, and
//! `UPDATE_OPENAPI=1 cargo test` writes it), committed, and served here as bytes.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::http::error::Code;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[];

/// The committed document.
pub const DOCUMENT: &str = include_str!("../openapi.json");

/// Answers with the document.
#[utoipa::path(
    get, path = "/auth/v1/openapi.json", tag = "Operation", summary = "This document",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
pub async fn handle() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=600")];
    (headers, DOCUMENT).into_response()
}
