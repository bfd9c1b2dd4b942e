//! `GET /reauthenticate`: mails somebody signed in a code that proves once more who they are, for a
//! new password or the deletion of the account.

use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::db::account::reauthenticate;
use crate::db::account::refusal::AccountRefusal;
use crate::db::mail::request::LinkOrigin;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::session::assurance::AssuranceLevel;
use crate::flows::after_response;
use crate::flows::mail::request::{MailRequest, Requested};
use crate::http::error::{Code, Error, Failure};
use crate::http::signed_in::SignedIn;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] =
    &[Code::Conflict.failure(), Code::OverEmailSendRateLimit.failure(), Code::ValidationFailed.failure()];

/// Mails the code.
///
/// 1. One statement asks whether the session lives, counts the mail and issues the code.
/// 2. Sends it after the response.
#[utoipa::path(
    get, path = "/auth/v1/reauthenticate", tag = "User", summary = "Mail me a nonce",
    description = "A 6-digit code, to be sent as `nonce` with `PUT /user` or `DELETE /user`. It works for 10 minutes.",
    responses((status = 200, description = "Mailed", body = Object, example = json!({}))),
)]
pub async fn handle(signed_in: SignedIn) -> Result<Response, Error> {
    let SignedIn { claims, call } = &signed_in;
    let no_address = || Error::invalid("Reauthentication requires the user to have an email or a phone number");
    if claims.email.is_empty() {
        return Err(no_address());
    }
    let address = EmailAddress::parse(&claims.email).map_err(Error::unexpected)?;
    let (app, audit) = (&call.app, call.audit());
    let mail = MailRequest::prepare(app, Requested::Nonce, &address, LinkOrigin::default(), audit, call.now)?;
    let MailRequest { mail_plan, mail_limits, .. } = mail;

    // 1
    let (mut db, session) = signed_in.connect(AssuranceLevel::Aal1).await?;
    let (links, prepared_mails) = (&mail_plan.links, &mail_plan.prepared_mails);
    let queued = reauthenticate::mail_nonce(&mut db, &session, &mail_limits, links, prepared_mails, &audit).await?;
    let queued = queued.map_err(|refusal| match refusal {
        AccountRefusal::NoAddress => no_address(),
        refusal => refusal.into(),
    })?;

    // 2
    after_response::in_background(app, db, Vec::new(), mail_plan.deliveries(queued));
    Ok(axum::Json(json!({})).into_response())
}
