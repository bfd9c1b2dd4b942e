//! `POST /token?grant_type=…`: gets tokens, in one of several ways. Which way, [`super::by_grant`]
//! finds out; the ways themselves have files of their own.

use axum::extract::Request;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Grant, PHONE_LOGINS_DISABLED, SESSION_NOT_FOUND, USER_BANNED, by_grant};
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::Query;
use crate::http::objects;

/// How this call can fail of itself, by any grant. The body is read by the grant, so its failures
/// are among them.
pub const FAILURES: &[Failure] = &[
    Code::BadCodeVerifier.failure(),
    Code::BadJson.failure(),
    Code::EmailNotConfirmed.failure(),
    Code::FlowStateAlreadyUsed.failure(),
    Code::FlowStateExpired.failure(),
    Code::FlowStateNotFound.failure(),
    Code::InvalidCredentials.failure(),
    Code::OtpExpired.failure(),
    Code::OverCapacity.failure(),
    Code::OverRequestRateLimit.failure(),
    Code::ProviderDisabled.failure(),
    SESSION_NOT_FOUND,
    Code::RefreshTokenAlreadyUsed.failure(),
    Code::RefreshTokenNotFound.failure(),
    Code::RequestEntityTooLarge.failure(),
    Code::SessionExpired.failure(),
    PHONE_LOGINS_DISABLED,
    Code::UnsupportedMediaType.failure(),
    USER_BANNED,
    Code::Web3ProviderDisabled.failure(),
];

/// Which grant.
#[derive(Deserialize)]
pub struct Parameters {
    grant_type: Option<String>,
}

/// The grants.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum GrantType {
    /// Signing in.
    Password,
    /// Refreshing.
    RefreshToken,
    /// Exchanging a PKCE code.
    Pkce,
}

/// Gets tokens by the grant that `grant_type` names. Only then is the body read, as that grant's
/// own type.
#[utoipa::path(
    post, path = "/auth/v1/token", tag = "Sign in",
    summary = "Sign in with a password, refresh a session, or exchange a PKCE code",
    description = "A refresh token works once: each refresh answers with the next one. The one \
        before it gets the current one again for 30 seconds (setting), for answers that were lost \
        and tabs that ask at once. Anything older ends the session, and its owner gets a mail. A \
        PKCE code is what a mailed link led back to the app with; it can be exchanged for 5 \
        minutes after the click.",
    params(("grant_type" = inline(GrantType), Query, description = "Which of them")),
    request_body(content = Grant, examples(
        ("password" = (summary = "grant_type=password", value = json!({
            "email": "ada@example.com", "password": "correct horse battery staple",
        }))),
        ("refresh_token" = (summary = "grant_type=refresh_token", value = json!({
            "refresh_token": "AQGTIM1s3nVxbHo0vZ8pQd2tAAAAAeS7",
        }))),
        ("pkce" = (summary = "grant_type=pkce", value = json!({
            "auth_code": "0193e2a0-4c1f-7b7e-9d55-0b6f7d0c1a2b",
            "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        }))),
    )),
    responses((status = 200, description = "The tokens", body = objects::Session)),
)]
pub async fn handle(call: Call, Query(parameters): Query<Parameters>, request: Request) -> Result<Response, Error> {
    by_grant(parameters.grant_type.as_deref(), &call, request).await
}
