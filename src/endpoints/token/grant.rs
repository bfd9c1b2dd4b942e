//! `POST /token?grant_type=…`: which way of getting tokens is asked for. The ways themselves have
//! files of their own.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::account::user::Caller;
use crate::endpoints::token::{exchange, refresh, sign_in};
use crate::http::error::{Code, Error};
use crate::http::extract::{Json, Query};
use crate::http::objects;

/// Every way this call can fail: those of all grants.
pub const FAILURES: &[Code] = &[
    Code::BadCodeVerifier,
    Code::BadJson,
    Code::EmailNotConfirmed,
    Code::FlowStateAlreadyUsed,
    Code::FlowStateExpired,
    Code::FlowStateNotFound,
    Code::GrantSessionNotFound,
    Code::GrantUserBanned,
    Code::InvalidCredentials,
    Code::OtpExpired,
    Code::OverCapacity,
    Code::OverRequestRateLimit,
    Code::PhoneLoginsDisabled,
    Code::ProviderDisabled,
    Code::RefreshTokenAlreadyUsed,
    Code::RefreshTokenNotFound,
    Code::RequestEntityTooLarge,
    Code::SessionExpired,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
    Code::Web3ProviderDisabled,
];

/// Which grant.
#[derive(Deserialize)]
pub struct Parameters {
    grant_type: Option<String>,
}

/// The grants, for the document.
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

/// What a grant takes, for the document.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Grant {
    /// With `grant_type=password`.
    #[schema(title = "password")]
    Password(sign_in::Request),
    /// With `grant_type=refresh_token`.
    #[schema(title = "refresh_token")]
    RefreshToken(refresh::Request),
    /// With `grant_type=pkce`.
    #[schema(title = "pkce")]
    Pkce(exchange::Request),
}

/// Gets tokens by the grant that `grant_type` names. Only then is the body read, as that grant's
/// own type.
#[utoipa::path(
    post, path = "/auth/v1/token", tag = "Sign in", summary = "Sign in with a password, refresh a session, or exchange a PKCE code",
    description = "A refresh token works once: each refresh answers with the next one. The one before it gets the current one again for \
        30 seconds (setting), for answers that were lost and tabs that ask at once. Anything older ends the session, and its owner gets a mail. \
        A PKCE code is what a mailed link led back to the app with; it can be exchanged for 5 minutes after the click.",
    params(("grant_type" = inline(GrantType), Query, description = "Which of them")),
    request_body(content = Grant, examples(
        ("password" = (summary = "grant_type=password", value = json!({ "email": "ada@example.com", "password": "correct horse battery staple" }))),
        ("refresh_token" = (summary = "grant_type=refresh_token", value = json!({ "refresh_token": "AQGTIM1s3nVxbHo0vZ8pQd2tAAAAAeS7" }))),
        ("pkce" = (summary = "grant_type=pkce", value = json!({
            "auth_code": "0193e2a0-4c1f-7b7e-9d55-0b6f7d0c1a2b", "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        }))),
    )),
    responses((status = 200, description = "The tokens", body = objects::Session)),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
    request: Request,
) -> Result<Response, Error> {
    match parameters.grant_type.as_deref() {
        Some("password") => {
            let Json(credentials) = Json::from_request(request, &app).await?;
            sign_in::handle(&app, &caller, credentials).await
        }
        Some("refresh_token") => {
            let Json(token) = Json::from_request(request, &app).await?;
            refresh::handle(&app, &caller, token).await
        }
        Some("pkce") => {
            let Json(code) = Json::from_request(request, &app).await?;
            exchange::handle(&app, &caller, code).await
        }
        Some("id_token") => Err(Code::ProviderDisabled.into()),
        Some("web3") => Err(Code::Web3ProviderDisabled.into()),
        _ => Err(Error::with_message(Code::InvalidCredentials, "unsupported_grant_type")),
    }
}
