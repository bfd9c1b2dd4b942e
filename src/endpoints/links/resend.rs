//! `POST /resend`: mails another link and code of a sign-up or of a change of address. Those that
//! recover an account or sign in are simply asked for again.

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::db::link::email_changes;
use crate::db::link::email_changes::Again;
use crate::db::mail::request::{LinkOrigin, MailLimits};
use crate::domain::account::email_address::EmailAddress;
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::credential::pkce::CodeChallenge;
use crate::flows::after_response;
use crate::flows::mail::email_change;
use crate::flows::mail::plan;
use crate::flows::mail::plan::MailPlan;
use crate::flows::mail::request::{MailRequest, Requested, origin, queued};
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::Json;
use crate::http::page;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[
    Code::EmailAddressInvalid.failure(),
    Code::OverEmailSendRateLimit.failure(),
    Code::PhoneProviderDisabled.failure(),
];

/// Which mail to send again.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ResendType {
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
    #[schema(value_type = ResendType, required = true)]
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
    responses((status = 200, description = "Mailed, if there is something to confirm",
        body = Object, example = json!({}))),
)]
pub async fn handle(call: Call, headers: HeaderMap, Json(request): Json<Request>) -> Result<Response, Error> {
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
    let origin = LinkOrigin {
        presented_browser_digest: page::browser_digest(&headers).map(|digest| *digest.as_bytes()),
        redirect_to: None,
        again: true,
        ..origin(&call.app, &call.caller, challenge, None)
    };

    // 2
    match kind {
        TokenKind::Signup => {
            let (app, audit) = (&call.app, call.audit());
            let mail = MailRequest::prepare(app, Requested::Confirmation, &address, origin, audit, call.now)?;
            mail.mail_link(app, call.connect().await?, None).await?;
        }
        _ => email_change_again(&call, &address, origin).await?,
    }
    Ok(axum::Json(json!({})).into_response())
}

async fn email_change_again(call: &Call, address: &EmailAddress, origin: LinkOrigin) -> Result<(), Error> {
    let (app, audit, now) = (&call.app, call.audit(), call.now);
    let mut db = call.connect().await?;
    let pending = email_changes::pending(&mut db, address.key()).await?;
    // Where there is none, all is done as if the new address were the current one: the time it
    // takes does not tell.
    let new = pending.as_deref().and_then(|text| EmailAddress::parse(text).ok()).unwrap_or_else(|| address.clone());
    let mut mail_plan = MailPlan::new(app, now);
    email_change::prepare(&mut mail_plan, Some(address), &new, origin)?;
    let mail_limits = MailLimits {
        also: vec![plan::recipient(app, TokenKind::EmailChangeNew, &new)],
        ..plan::mail_limits(app, TokenKind::EmailChangeNew, address, &audit)
    };
    let again = Again {
        email_key: address.key(),
        pending: new.as_str(),
        mail_limits: &mail_limits,
        links: &mail_plan.links,
        prepared_mails: &mail_plan.prepared_mails,
    };
    let queued = queued(email_changes::mail_again(&mut db, &again, &audit, now).await?)?;

    // 3
    after_response::in_background(app, db, Vec::new(), mail_plan.deliveries(queued));
    Ok(())
}
