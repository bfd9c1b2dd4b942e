//! `POST /resend`: mails another link and code of a sign-up or of a change of address. Those that
//! recover an account or sign in are simply asked for again.

use std::sync::Arc;

use axum::Extension;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::App;
use crate::db::Connection;
use crate::db::link::email_changes;
use crate::db::link::email_changes::Again;
use crate::db::link::links;
use crate::db::link::links::LinkRequest;
use crate::db::mail::request::{Counters, LinkOrigin, MailRequestOutcome};
use crate::db::session::sessions::AuditContext;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::account::user::Caller;
use crate::domain::counter::{Counted, counter_key};
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::credential::pkce::CodeChallenge;
use crate::domain::mail::message::Message;
use crate::flows::after_response;
use crate::flows::mail::email_change;
use crate::flows::mail::plan;
use crate::flows::mail::plan::MailPlan;
use crate::host;
use crate::http::error::{Code, Error};
use crate::http::extract::Json;
use crate::http::page;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJson,
    Code::EmailAddressInvalid,
    Code::OverEmailSendRateLimit,
    Code::PhoneProviderDisabled,
    Code::RequestEntityTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
];

/// Which mail, for the document.
#[derive(ToSchema)]
#[schema(as = ResendType, rename_all = "snake_case")]
pub enum Kind {
    /// The one that confirms an address.
    Signup,
    /// Those to both addresses of a change.
    EmailChange,
}

/// Which mail, to whom.
#[derive(Deserialize, ToSchema)]
#[schema(as = Resend)]
pub struct Request {
    /// `signup` or `email_change`.
    #[serde(rename = "type")]
    #[schema(value_type = Kind, required = true)]
    kind: Option<String>,
    /// Address that signed up, or the current address of an account that is to get another.
    #[schema(value_type = String, required = true, example = "ada@example.com")]
    email: Option<String>,
    /// PKCE, if the app has lost the verifier of the first time. Counts only from the same browser
    /// or network.
    code_challenge: Option<String>,
    /// `s256` or `plain`.
    code_challenge_method: Option<String>,
}

/// Mails another link and code; the earlier ones die.
///
/// 1. Checks the request.
/// 2. One statement counts the mail and issues the link, if there is an account to confirm or a
///    change to agree to. A change of address takes one before it, which reads where to. The answer
///    is the same if there is none.
/// 3. Sends the mails after the response.
#[utoipa::path(
    post, path = "/auth/v1/resend", tag = "Sign up", summary = "Mail another link and code",
    description = "The new link leads where the first one did, and stays bound to the browser that asked for that one.",
    request_body(content = Request, example = json!({ "type": "signup", "email": "ada@example.com" })),
    responses((status = 200, description = "MailRequestOutcome, if there is something to confirm", body = Object, example = json!({}))),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    let kind = match request.kind.as_deref() {
        Some("signup") => TokenKind::Signup,
        Some("email_change") => TokenKind::EmailChangeNew,
        Some("sms" | "phone_change") => return Err(Code::PhoneProviderDisabled.into()),
        _ => return Err(Error::invalid("Missing one of these types: signup, email_change")),
    };
    let challenge = CodeChallenge::parse(request.code_challenge.as_deref(), request.code_challenge_method.as_deref())?;
    let Some(email) = request.email else {
        return Err(Error::invalid("Type provided requires an email address"));
    };
    let address = EmailAddress::parse(&email)?;
    let now = app.clock.now();
    let network = counter_key(&app.config().tokens.auth_secrets, Counted::LinkNetwork, &caller.network());
    let origin = LinkOrigin {
        presented_browser_digest: page::browser_digest(&headers).map(|digest| *digest.as_bytes()),
        network_digest: Some(network),
        code_challenge: challenge.map(|challenge| *challenge.as_bytes()),
        again: true,
        ..LinkOrigin::default()
    };

    // 2
    let mut db = Connection::open(app.database.as_ref()).await?;
    let mut mail_plan = MailPlan::new(&app, now);
    let mailed = match kind {
        TokenKind::Signup => sign_up_again(&app, &mut db, &mut mail_plan, &address, origin, &caller, now).await?,
        _ => email_change_again(&app, &mut db, &mut mail_plan, &address, origin, &caller, now).await?,
    };
    let queued = match mailed {
        MailRequestOutcome::Queued(queued) => queued,
        MailRequestOutcome::Wait(seconds) => return Err(Error::wait(Code::OverEmailSendRateLimit, seconds)),
    };

    // 3
    after_response::in_background(&app, db, Vec::new(), mail_plan.deliveries(queued));
    Ok(axum::Json(json!({})).into_response())
}

async fn sign_up_again(
    app: &App,
    db: &mut Connection<'_>,
    mail_plan: &mut MailPlan<'_>,
    address: &EmailAddress,
    origin: LinkOrigin,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<MailRequestOutcome, Error> {
    let secrets = mail_plan.link(TokenKind::Signup, address, origin)?;
    let (link, code) = (secrets.link, secrets.code);
    let message = Message::ConfirmSignup { address: address.as_str().to_owned(), link, code };
    let mail_kind = message.kind();
    mail_plan.prepare(message, TokenKind::Signup.lifetime())?;
    let request_id = host::random_id(app.entropy.as_ref());
    let request = LinkRequest {
        email_key: address.key(),
        kind: TokenKind::Signup,
        mail_kind,
        new_account: None,
        counters: &plan::counters(app, TokenKind::Signup, address, caller, request_id),
        links: &mail_plan.links,
        prepared_mails: &mail_plan.prepared_mails,
    };
    Ok(links::mail_link(db, &request, &AuditContext::new(request_id, caller), now).await?)
}

async fn email_change_again(
    app: &App,
    db: &mut Connection<'_>,
    mail_plan: &mut MailPlan<'_>,
    address: &EmailAddress,
    origin: LinkOrigin,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<MailRequestOutcome, Error> {
    let pending = email_changes::pending(db, address.key()).await?;
    // Where there is none, all is done as if the new address were the current one: nobody can tell
    // by the time it takes.
    let new = pending.as_deref().and_then(|text| EmailAddress::parse(text).ok()).unwrap_or_else(|| address.clone());
    email_change::prepare(mail_plan, Some(address), &new, origin)?;
    let request_id = host::random_id(app.entropy.as_ref());
    let counters = Counters {
        also: vec![plan::recipient(app, TokenKind::EmailChangeNew, &new)],
        ..plan::counters(app, TokenKind::EmailChangeNew, address, caller, request_id)
    };
    let again = Again {
        email_key: address.key(),
        pending: new.as_str(),
        counters: &counters,
        links: &mail_plan.links,
        prepared_mails: &mail_plan.prepared_mails,
    };
    Ok(email_changes::mail_again(db, &again, &AuditContext::new(request_id, caller), now).await?)
}
