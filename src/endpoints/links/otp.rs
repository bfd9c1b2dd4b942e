//! `POST /otp`, and the older `POST /magiclink`: mails a link and code that sign in without a
//! password, and for an address without an account make one.

use std::sync::Arc;

use axum::Extension;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::db::Connection;
use crate::db::account::sign_up::NewAccount;
use crate::db::link::links;
use crate::db::link::links::LinkRequest;
use crate::db::mail::request::{LinkOrigin, MailRequestOutcome};
use crate::db::session::sessions::AuditContext;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::account::user::Caller;
use crate::domain::counter::{Counted, counter_key};
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::credential::pkce::CodeChallenge;
use crate::domain::locale::Locale;
use crate::domain::mail::message::Message;
use crate::flows::address;
use crate::flows::after_response;
use crate::flows::mail::plan;
use crate::flows::mail::plan::MailPlan;
use crate::host;
use crate::http::caller::text;
use crate::http::error::{Code, Error};
use crate::http::extract::{Json, Query};
use crate::http::metadata::check_metadata;
use crate::http::redirect::RedirectTo;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJson,
    Code::EmailAddressInvalid,
    Code::EmailAddressNotAuthorized,
    Code::OtpDisabled,
    Code::OverEmailSendRateLimit,
    Code::PhoneProviderDisabled,
    Code::RequestEntityTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
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
    description = "Needs `SIGN_IN_BY_EMAIL`. An address without an account gets one, without a password, unless `create_user` is \
        false or `DISABLE_SIGNUP` is set; the answer does not tell. Link and code work for 10 minutes.",
    request_body(content = Request, example = json!({ "email": "ada@example.com", "create_user": true })),
    params(("redirect_to" = Option<String>, Query, description = "Where to go after signing in")),
    responses((status = 200, description = "MailRequestOutcome, if somebody may sign in", body = Object, example = json!({}))),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Query(parameters): Query<RedirectTo>,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    let email = request.email.filter(|email| !email.is_empty());
    if email.is_none() && request.phone.is_some() {
        return Err(Code::PhoneProviderDisabled.into());
    }
    if !app.config().accounts.sign_in_by_email {
        return Err(Code::OtpDisabled.into());
    }
    let challenge = CodeChallenge::parse(request.code_challenge.as_deref(), request.code_challenge_method.as_deref())?;
    let Some(email) = email else { return Err(Error::invalid("One of email or phone must be set")) };
    let creates = request.create_user.unwrap_or(true) && !app.config().accounts.signup_disabled;
    // An address that may have no account (any more) can still be that of one: sign in with
    // `create_user: false` then.
    let address = if creates { address::accept(&app, &email).await? } else { EmailAddress::parse(&email)? };
    let data = Value::Object(request.data.unwrap_or_default());
    check_metadata(&data)?;
    let locale = Locale::choose(&data, text(&headers, header::ACCEPT_LANGUAGE.as_str()));
    let now = app.clock.now();
    let account = NewAccount {
        id: host::random_id(app.entropy.as_ref()),
        email: Some(address.as_str()),
        password_hash: None,
        app_metadata: &json!({ "provider": "email", "providers": ["email"] }),
        user_metadata: &data,
        locale: locale.as_str(),
    };
    let account = serde_json::to_value(account)?;

    // 2
    let origin = LinkOrigin {
        network_digest: Some(counter_key(&app.config().tokens.auth_secrets, Counted::LinkNetwork, &caller.network())),
        code_challenge: challenge.map(|challenge| *challenge.as_bytes()),
        redirect_to: Some(app.config().site.redirects.resolve(parameters.redirect_to.as_deref()).into()),
        ..LinkOrigin::default()
    };
    let mut mail_plan = MailPlan::new(&app, now);
    let secrets = mail_plan.link(TokenKind::MagicLink, &address, origin)?;
    let message = Message::SignIn { address: address.as_str().to_owned(), link: secrets.link, code: secrets.code };
    let mail_kind = message.kind();
    mail_plan.prepare(message, TokenKind::MagicLink.lifetime())?;
    let request_id = host::random_id(app.entropy.as_ref());
    let counters = plan::counters(&app, TokenKind::MagicLink, &address, &caller, request_id);
    let request = LinkRequest {
        email_key: address.key(),
        kind: TokenKind::MagicLink,
        mail_kind,
        new_account: creates.then_some(&account),
        counters: &counters,
        links: &mail_plan.links,
        prepared_mails: &mail_plan.prepared_mails,
    };
    let mut db = Connection::open(app.database.as_ref()).await?;
    let queued = match links::mail_link(&mut db, &request, &AuditContext::new(request_id, &caller), now).await? {
        MailRequestOutcome::Queued(queued) => queued,
        MailRequestOutcome::Wait(seconds) => return Err(Error::wait(Code::OverEmailSendRateLimit, seconds)),
    };

    // 3
    after_response::in_background(&app, db, Vec::new(), mail_plan.deliveries(queued));
    Ok(axum::Json(json!({})).into_response())
}
