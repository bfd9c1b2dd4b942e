//! `POST /otp`, and by an older name `POST /magiclink`: mails a link and code that sign in without
//! a password, and for an address without an account make one.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::db::account::sign_up::NewAccount;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::account::user::email_app_metadata;
use crate::domain::credential::pkce::CodeChallenge;
use crate::domain::locale::Locale;
use crate::flows::address;
use crate::flows::mail::request::{MailRequest, Requested, origin};
use crate::host;
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::{Json, Query, text};
use crate::http::metadata::check_metadata;
use crate::http::redirect::RedirectTo;

pub mod magic_link; // the older name

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[
    Code::EmailAddressInvalid.failure(),
    Code::EmailAddressNotAuthorized.failure(),
    Code::OtpDisabled.failure(),
    Code::OverEmailSendRateLimit.failure(),
    Code::PhoneProviderDisabled.failure(),
];

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[schema(as = Otp)]
pub struct Request {
    /// The address.
    #[schema(value_type = String, required = true, example = "ada@example.com")]
    email: Option<String>,
    /// Whether an address without an account gets one; true if left out.
    create_user: Option<bool>,
    /// Becomes `user_metadata` of a new account.
    #[schema(value_type = Option<Object>)]
    data: Option<Map<String, Value>>,
    /// Not offered.
    phone: Option<String>,
    /// PKCE: then the link leads back to the app with a code, for `POST /token?grant_type=pkce`.
    code_challenge: Option<String>,
    /// `s256` or `plain`.
    code_challenge_method: Option<String>,
}

/// Mails a link and code that sign in.
///
/// 1. Checks the request.
/// 2. One statement counts the mail, makes the account if there is none, and issues the link. The
///    answer is the same whatever the database holds.
/// 3. Sends the mail after the response.
#[utoipa::path(
    post, path = "/auth/v1/otp", tag = "Sign in", summary = "Mail a link and code that sign in",
    description = "Needs `SIGN_IN_BY_EMAIL`. An address without an account gets one, without a \
        password, unless `create_user` is false or `DISABLE_SIGNUP` is set; the answer does not \
        tell. Link and code work for 10 minutes.",
    request_body(content = Request, example = json!({ "email": "ada@example.com", "create_user": true })),
    params(("redirect_to" = Option<String>, Query, description = "Where to go after signing in")),
    responses((status = 200, description = "Mailed, if somebody may sign in", body = Object, example = json!({}))),
)]
pub async fn handle(
    call: Call,
    headers: HeaderMap,
    Query(parameters): Query<RedirectTo>,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    let email = request.email.filter(|email| !email.is_empty());
    if email.is_none() && request.phone.is_some() {
        return Err(Code::PhoneProviderDisabled.into());
    }
    if !call.app.config().accounts.sign_in_by_email {
        return Err(Code::OtpDisabled.into());
    }
    let challenge = CodeChallenge::parse(request.code_challenge.as_deref(), request.code_challenge_method.as_deref())?;
    let Some(email) = email else { return Err(Error::invalid("One of email or phone must be set")) };
    let creates = request.create_user.unwrap_or(true) && !call.app.config().accounts.signup_disabled;
    // An address that may have no account (any more) can still be that of one: sign in with
    // `create_user: false` then.
    let address = if creates { address::accept(&call.app, &email).await? } else { EmailAddress::parse(&email)? };
    let data = Value::Object(request.data.unwrap_or_default());
    check_metadata(&data)?;
    let locale = Locale::choose(&data, text(&headers, header::ACCEPT_LANGUAGE.as_str()));
    let account = NewAccount {
        id: host::random_id(call.app.entropy.as_ref()),
        email: Some(address.as_str()),
        password_hash: None,
        app_metadata: &email_app_metadata(),
        user_metadata: &data,
        locale: locale.as_str(),
    };
    let account = serde_json::to_value(account)?;

    // 2
    let origin = origin(&call.app, &call.caller, challenge, parameters.redirect_to.as_deref());
    let mail = MailRequest::prepare(&call.app, Requested::SignIn, &address, origin, call.audit(), call.now)?;
    // 3
    mail.mail_link(&call.app, call.connect().await?, creates.then_some(&account)).await?;
    Ok(axum::Json(json!({})).into_response())
}
