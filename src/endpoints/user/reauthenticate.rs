//! `GET /reauthenticate`: mails somebody signed in a code that proves once more who they are, for a
//! new password or the deletion of the account.

use std::sync::Arc;

use axum::Extension;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::App;
use crate::db::Connection;
use crate::db::account::update;
use crate::db::account::update::NonceMailed;
use crate::db::mail::request::LinkOrigin;
use crate::db::session::sessions::AuditContext;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::account::user::Caller;
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::mail::message::Message;
use crate::flows::after_response;
use crate::flows::mail::plan;
use crate::flows::mail::plan::MailPlan;
use crate::host;
use crate::http::bearer::Bearer;
use crate::http::error::{Code, Error};
use crate::http::session;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJwt,
    Code::Conflict,
    Code::NoAuthorization,
    Code::OverEmailSendRateLimit,
    Code::SessionNotFound,
    Code::UserBanned,
    Code::UserNotFound,
    Code::ValidationFailed,
];

/// Mails the code.
///
/// 1. One statement asks whether the session lives, counts the mail and issues the code.
/// 2. Sends it after the response.
#[utoipa::path(
    get, path = "/auth/v1/reauthenticate", tag = "User", summary = "Mail me a nonce",
    description = "A 6-digit code, to be sent as `nonce` with `PUT /user` or `DELETE /user`. It works for 10 minutes.",
    security(("bearer" = [])),
    responses((status = 200, description = "MailRequestOutcome", body = Object, example = json!({}))),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    Bearer(claims): Bearer,
) -> Result<Response, Error> {
    let no_address = || Error::invalid("Reauthentication requires the user to have an email or a phone number");
    if claims.email.is_empty() {
        return Err(no_address());
    }
    let address = EmailAddress::parse(&claims.email).map_err(Error::unexpected)?;
    let now = app.clock.now();
    let mut mail_plan = MailPlan::new(&app, now);
    let secrets = mail_plan.link(TokenKind::Reauthentication, &address, LinkOrigin::default())?;
    mail_plan.prepare(Message::Reauthentication { code: secrets.code }, TokenKind::Reauthentication.lifetime())?;
    let request_id = host::random_id(app.entropy.as_ref());
    let counters = plan::counters(&app, TokenKind::Reauthentication, &address, &caller, request_id);
    let signed_in = session::signed_in(&app, &claims, now);
    let audit = AuditContext::new(request_id, &caller);

    // 1
    let mut db = Connection::open(app.database.as_ref()).await?;
    let mailed =
        update::mail_nonce(&mut db, &signed_in, &counters, &mail_plan.links, &mail_plan.prepared_mails, &audit).await?;
    let queued = match mailed {
        NonceMailed::Queued(queued) => queued,
        NonceMailed::Refused(refusal) => return Err(refusal.into()),
        NonceMailed::Wait(seconds) => return Err(Error::wait(Code::OverEmailSendRateLimit, seconds)),
        NonceMailed::Stale => return Err(Code::Conflict.into()),
        NonceMailed::NoAddress => return Err(no_address()),
    };

    // 2
    after_response::in_background(&app, db, Vec::new(), mail_plan.deliveries(queued));
    Ok(axum::Json(json!({})).into_response())
}
