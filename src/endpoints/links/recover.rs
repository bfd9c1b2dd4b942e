//! `POST /recover`: mails a link and code to the owner of an account who has forgotten the
//! password.

use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::domain::account::email_address::EmailAddress;
use crate::domain::credential::pkce::CodeChallenge;
use crate::flows::mail::request::{MailRequest, Requested, origin};
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::{Json, Query};
use crate::http::redirect::RedirectTo;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[Code::EmailAddressInvalid.failure(), Code::OverEmailSendRateLimit.failure()];

/// Whose account.
#[derive(Deserialize, ToSchema)]
#[schema(as = Recover)]
pub struct Request {
    /// Its address.
    #[schema(value_type = String, required = true, example = "ada@example.com")]
    email: Option<String>,
    /// PKCE: then the link leads back to the app with a code, for `POST /token?grant_type=pkce`.
    code_challenge: Option<String>,
    /// `s256` or `plain`.
    code_challenge_method: Option<String>,
}

/// Mails a link and code that recover an account.
///
/// 1. Checks the request.
/// 2. One statement counts the mail and issues the link. The answer is the same if there is no
///    account, or none that may be recovered.
/// 3. Sends the mail after the response.
#[utoipa::path(
    post, path = "/auth/v1/recover", tag = "Sign in", summary = "I forgot my password",
    description = "Mails a link to a page that takes a new password, and a code for `POST /verify` \
        with type `recovery`, which signs in; then `PUT /user` takes the new password. Using \
        either ends all other sessions. They work for an hour.",
    request_body(content = Request, example = json!({ "email": "ada@example.com" })),
    params(("redirect_to" = Option<String>, Query, description = "Where to go afterwards")),
    responses((status = 200, description = "Mailed, if there is such an account", body = Object, example = json!({}))),
)]
pub async fn handle(
    call: Call,
    Query(parameters): Query<RedirectTo>,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    let challenge = CodeChallenge::parse(request.code_challenge.as_deref(), request.code_challenge_method.as_deref())?;
    let Some(email) = request.email.filter(|email| !email.is_empty()) else {
        return Err(Error::invalid("Password recovery requires an email"));
    };
    let address = EmailAddress::parse(&email)?;

    // 2
    let origin = origin(&call.app, &call.caller, challenge, parameters.redirect_to.as_deref());
    let mail = MailRequest::prepare(&call.app, Requested::Recovery, &address, origin, call.audit(), call.now)?;
    // 3
    mail.mail_link(&call.app, call.connect().await?, None).await?;
    Ok(axum::Json(json!({})).into_response())
}
