//! `DELETE /user`: deletes the caller's account, at once or after the grace period of
//! `ACCOUNT_DELETION_GRACE_DAYS`.

use std::sync::Arc;

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::db::Connection;
use crate::db::account::update;
use crate::db::account::update::DeletionOutcome;
use crate::db::session::sessions::AuditContext;
use crate::domain::account::user::Caller;
use crate::domain::mail::message::Message;
use crate::domain::policy;
use crate::flows::after_response;
use crate::flows::mail::plan::{MailPlan, security_event};
use crate::host;
use crate::http::answer::AccountId;
use crate::http::bearer::Bearer;
use crate::http::error::{Code, Error};
use crate::http::extract::OptionalJson;
use crate::http::reauthentication::{self, Fresh, ReauthenticationInput};
use crate::http::session;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJson,
    Code::BadJwt,
    Code::Conflict,
    Code::CurrentPasswordInvalid,
    Code::NoAuthorization,
    Code::OverCapacity,
    Code::OverRequestRateLimit,
    Code::ReauthenticationNeeded,
    Code::ReauthenticationNotValid,
    Code::RequestEntityTooLarge,
    Code::SessionNotFound,
    Code::UnsupportedMediaType,
    Code::UserBanned,
    Code::UserNotFound,
    Code::ValidationFailed,
];

/// What shows that it is the owner who asks. Nothing is needed in the first ten minutes after
/// signing in.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = AccountDeletion)]
pub struct Request {
    /// The current password.
    #[schema(example = "correct horse battery staple")]
    current_password: Option<String>,
    /// Instead of it: the code that `GET /reauthenticate` mailed.
    #[schema(example = "123456")]
    nonce: Option<String>,
}

/// What becomes of the account.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountDeletionScheduled)]
pub struct Scheduled {
    /// When it goes for good. Signing in before then keeps it.
    #[serde(serialize_with = "crate::http::objects::time")]
    delete_after: chrono::DateTime<chrono::Utc>,
}

/// Deletes the account.
///
/// 1. Takes a fresh proof of who asks.
/// 2. One statement ends all sessions and deletes the account, or sets down when. The mail that
///    says so outlives it.
#[utoipa::path(
    delete, path = "/auth/v1/user", tag = "User", summary = "Delete my account",
    description = "All that belongs to the account goes with it; its id is never used again, and its address is free. With \
        `ACCOUNT_DELETION_GRACE_DAYS` it goes that many days later, unless its owner signs in before; all sessions end at once.",
    security(("bearer" = [])),
    request_body(content = Option<Request>, example = json!({ "current_password": "correct horse battery staple" })),
    responses(
        (status = 200, description = "It goes later", body = Scheduled,
            example = json!({ "delete_after": "2026-12-08T12:00:00.000000Z" })),
        (status = 204, description = "It is gone"),
    ),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    Bearer(claims): Bearer,
    OptionalJson(request): OptionalJson<Request>,
) -> Result<Response, Error> {
    // 1
    let input = ReauthenticationInput {
        current_password: request.current_password.as_deref(),
        nonce: request.nonce.as_deref(),
    };
    let now = app.clock.now();
    if !reauthentication::has_proof(&claims, &input, Fresh::ByAnything, now) {
        return Err(Code::ReauthenticationNeeded.into());
    }
    let _slot = match input.current_password {
        Some(_) => Some(app.hash_slot().ok_or(Code::OverCapacity)?),
        None => None,
    };
    let signed_in = session::signed_in(&app, &claims, now);
    let mut db = Connection::open(app.database.as_ref()).await?;
    let proof = reauthentication::reauthenticate(&app, &mut db, &claims, &signed_in, &input).await?;

    // 2
    let grace = app.config().accounts.deletion_grace;
    let delete_after = (grace > TimeDelta::zero()).then(|| now + grace);
    let site_url = app.config().site.site_url.to_string();
    let mut mail_plan = MailPlan::new(&app, now);
    let message = match delete_after {
        Some(delete_at) => Message::DeletionScheduled { event: security_event(&caller, now), delete_at, site_url },
        None => Message::AccountDeleted { site_url },
    };
    mail_plan.prepare(message, policy::NOTICE_LIFETIME)?;
    let audit = AuditContext::new(host::random_id(app.entropy.as_ref()), &caller);
    match update::delete(&mut db, &signed_in, &proof, delete_after, &mail_plan.prepared_mails, &audit).await? {
        DeletionOutcome::Done(ended, mails) => {
            after_response::in_background(&app, db, ended, mail_plan.deliveries(mails))
        }
        DeletionOutcome::Refused(refusal) => return Err(refusal.into()),
        DeletionOutcome::Outdated => {
            return Err(Error::from(Code::CurrentPasswordInvalid).because("it was changed meanwhile"));
        }
        DeletionOutcome::Stale => return Err(Code::Conflict.into()),
        DeletionOutcome::WrongNonce => return Err(Code::ReauthenticationNotValid.into()),
    }
    let account = Extension(AccountId(claims.sub));
    Ok(match delete_after {
        Some(delete_after) => (account, axum::Json(Scheduled { delete_after })).into_response(),
        None => (account, StatusCode::NO_CONTENT).into_response(),
    })
}
