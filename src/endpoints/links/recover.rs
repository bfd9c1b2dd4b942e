//! `POST /recover`: mails a link and code to the owner of an account who has forgotten the
//! password.

use std::sync::Arc;

use axum::Extension;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::App;
use crate::db::Connection;
use crate::db::link::links;
use crate::db::link::links::LinkRequest;
use crate::db::mail::request::{LinkOrigin, MailRequestOutcome};
use crate::db::session::sessions::AuditContext;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::account::user::Caller;
use crate::domain::counter::{Counted, counter_key};
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::credential::pkce::CodeChallenge;
use crate::domain::mail::message::Message;
use crate::flows::after_response;
use crate::flows::mail::plan;
use crate::flows::mail::plan::MailPlan;
use crate::host;
use crate::http::error::{Code, Error};
use crate::http::extract::{Json, Query};
use crate::http::redirect::RedirectTo;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJson,
    Code::EmailAddressInvalid,
    Code::OverEmailSendRateLimit,
    Code::RequestEntityTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
];

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
    description = "Mails a link to a page that takes a new password, and a code for `POST /verify` with type `recovery`, which signs in; then \
        `PUT /user` takes the new password. Using either ends all other sessions. They work for an hour.",
    request_body(content = Request, example = json!({ "email": "ada@example.com" })),
    params(("redirect_to" = Option<String>, Query, description = "Where to go afterwards")),
    responses((status = 200, description = "MailRequestOutcome, if there is such an account", body = Object, example = json!({}))),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    Query(parameters): Query<RedirectTo>,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    let challenge = CodeChallenge::parse(request.code_challenge.as_deref(), request.code_challenge_method.as_deref())?;
    let Some(email) = request.email.filter(|email| !email.is_empty()) else {
        return Err(Error::invalid("Password recovery requires an email"));
    };
    let address = EmailAddress::parse(&email)?;
    let now = app.clock.now();

    // 2
    let origin = LinkOrigin {
        network_digest: Some(counter_key(&app.config().tokens.auth_secrets, Counted::LinkNetwork, &caller.network())),
        code_challenge: challenge.map(|challenge| *challenge.as_bytes()),
        redirect_to: Some(app.config().site.redirects.resolve(parameters.redirect_to.as_deref()).into()),
        ..LinkOrigin::default()
    };
    let mut mail_plan = MailPlan::new(&app, now);
    let secrets = mail_plan.link(TokenKind::Recovery, &address, origin)?;
    let message = Message::Recovery { address: address.as_str().to_owned(), link: secrets.link, code: secrets.code };
    let mail_kind = message.kind();
    mail_plan.prepare(message, TokenKind::Recovery.lifetime())?;
    let request_id = host::random_id(app.entropy.as_ref());
    let counters = plan::counters(&app, TokenKind::Recovery, &address, &caller, request_id);
    let request = LinkRequest {
        email_key: address.key(),
        kind: TokenKind::Recovery,
        mail_kind,
        new_account: None,
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
