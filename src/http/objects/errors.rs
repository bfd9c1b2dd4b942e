//! Refusals, as the document describes them. What is sent is made in `http/error.rs`.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Any refusal. `code`, `message` for clients that send `X-Supabase-Api-Version: 2024-01-01` or
/// later; for others `code` is the HTTP status, the rest is `error_code` and `msg`.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// Stable error code; for older clients the HTTP status.
    #[schema(schema_with = error_code)]
    code: Value,
    /// What is wrong, for a person.
    message: Option<String>,
    /// Stable error code (older clients).
    error_code: Option<String>,
    /// What is wrong (older clients).
    msg: Option<String>,
    /// Of a 5xx: find it in the log.
    error_id: Option<String>,
    /// Why a password was refused.
    weak_password: Option<WeakPassword>,
}

/// Of a password that was refused.
#[derive(Serialize, ToSchema)]
pub struct WeakPassword {
    /// `length`, `characters` or `pwned`.
    #[schema(example = json!(["length"]))]
    reasons: Vec<String>,
}

/// Text for some clients, a number for others.
fn error_code() -> utoipa::openapi::schema::Object {
    use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Integer]))
        .description(Some("Stable error code; for older clients the HTTP status."))
        .examples([json!("otp_expired"), json!(403)])
        .build()
}
