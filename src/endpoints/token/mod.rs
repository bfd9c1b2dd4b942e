//! `POST /token`: one file for each grant, and which of them a call asks for.

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::endpoints::table::routes;
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::Json;

pub mod exchange;
pub mod grant;
pub mod refresh;
pub mod sign_in;

routes! {
    post   "/token" anybody => grant,
}

/// A banned account gets no tokens: the protocol has another status here than where one is used.
const USER_BANNED: Failure = Code::UserBanned.with(StatusCode::BAD_REQUEST, "User is banned");

/// The session of the refresh token has ended.
const SESSION_NOT_FOUND: Failure =
    Code::SessionNotFound.with(StatusCode::BAD_REQUEST, "Invalid Refresh Token: No Valid Session Found");

/// Phone numbers cannot sign in, for which the protocol has another status than for signing up.
const PHONE_LOGINS_DISABLED: Failure =
    Code::PhoneProviderDisabled.with(StatusCode::UNPROCESSABLE_ENTITY, "Phone logins are disabled");

/// What a grant takes.
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
async fn by_grant(grant_type: Option<&str>, call: &Call, request: Request) -> Result<Response, Error> {
    match grant_type {
        Some("password") => {
            let Json(credentials) = Json::from_request(request, &()).await?;
            sign_in::handle(call, credentials).await
        }
        Some("refresh_token") => {
            let Json(token) = Json::from_request(request, &()).await?;
            refresh::handle(call, token).await
        }
        Some("pkce") => {
            let Json(code) = Json::from_request(request, &()).await?;
            exchange::handle(call, code).await
        }
        Some("id_token") => Err(Code::ProviderDisabled.into()),
        Some("web3") => Err(Code::Web3ProviderDisabled.into()),
        _ => Err(Error::with_message(Code::InvalidCredentials, "unsupported_grant_type")),
    }
}
