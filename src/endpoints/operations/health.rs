//! `GET /health`: this Worker runs. It asks no other service; `ready.rs` does.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::Failure;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[];

/// That it is alive.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// Of edgegate.
    version: &'static str,
    /// `edgegate`.
    name: &'static str,
    /// What it is.
    description: &'static str,
}

/// Answers that this Worker runs.
#[utoipa::path(
    get, path = "/auth/v1/health", tag = "Operation", summary = "Is it alive",
    responses((status = 200, description = "It is", body = Health,
        example = json!({ "version": "0.1.0", "name": "edgegate", "description": "Authentication at the edge" }))),
)]
pub async fn handle() -> Json<Health> {
    Json(Health { version: env!("CARGO_PKG_VERSION"), name: "edgegate", description: "Authentication at the edge" })
}
