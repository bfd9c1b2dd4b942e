//! `GET /.well-known/jwks.json`: the public keys that verify access tokens (RFC 7517), here and at
//! the root of the origin.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::http::call::Call;
use crate::http::error::Failure;
use crate::http::extract::text;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[];

/// Answers with the public keys; with 304 and nothing to a client that has them already (RFC 9110
/// §13.1.2). HS256 keys are secret and not among them.
#[utoipa::path(
    get, path = "/auth/v1/.well-known/jwks.json", tag = "Operation", summary = "Public keys",
    description = "May be kept for ten minutes; a key is published before it signs. Verifiers ask \
        again when they meet a `kid` they do not know.",
    responses(
        (status = 200, description = "A JWK set", body = Object, example = json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "2026-11", "key_ops": ["verify"],
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }] })),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
    ),
)]
pub async fn handle(call: Call, headers: HeaderMap) -> Response {
    let keys = &call.app.config().tokens.signing_keys;
    let common = [(header::CACHE_CONTROL, "public, max-age=600"), (header::ETAG, keys.etag())];
    if is_fresh(&headers, keys.etag()) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, "application/json")], keys.public_jwks().to_owned()).into_response()
}

/// Whether `If-None-Match` names this entity: `*`, or its tag among others, weak or strong.
fn is_fresh(headers: &HeaderMap, etag: &str) -> bool {
    text(headers, header::IF_NONE_MATCH.as_str()).is_some_and(|tags| {
        tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
    })
}
