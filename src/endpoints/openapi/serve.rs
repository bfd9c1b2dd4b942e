//! `GET /openapi.json`: the API's document. It is generated off-wasm from the handlers (`cargo
//! test` compares it, and `UPDATE_OPENAPI=1 cargo test` writes it), committed, and served here as
//! bytes. Also at `/docs/openapi.json`, where Swagger UI finds it wherever `API_BASE_PATH` has
//! moved the API to.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::http::call::Call;
use crate::http::error::Failure;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[];

/// The committed document.
pub const DOCUMENT: &str = include_str!("../../openapi.json");

/// The base path that the committed document is written for.
pub const BASE_PATH: &str = "/auth/v1";

/// Where Swagger UI finds it: beside its page, which is a static asset.
pub const BESIDE_THE_DOCS: &str = "/docs/openapi.json";

/// Answers with the document; under another base path than the committed one, with that as its
/// server.
#[utoipa::path(
    get, path = "/auth/v1/openapi.json", tag = "Operation", summary = "This document",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
pub async fn handle(call: Call) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=600")];
    let base_path = &call.app.config().site.base_path;
    if base_path == BASE_PATH {
        return (headers, DOCUMENT).into_response();
    }
    // A base path is of plain letters and slashes (config), so it needs no escaping; the server
    // comes before all paths.
    let server = |path: &str| format!("\"url\": \"{path}\"");
    (headers, DOCUMENT.replacen(&server(BASE_PATH), &server(base_path), 1)).into_response()
}
