//! `DELETE /user`: deletes the caller's account, at once or after the grace period of
//! `ACCOUNT_DELETION_GRACE_DAYS`.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::account::delete;
use crate::domain::mail::message::Message;
use crate::domain::policy;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::reauthentication::{Fresh, ReauthenticationInput, has_proof};
use crate::flows::after_response;
use crate::flows::mail::plan::{MailPlan, security_event};
use crate::flows::session;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::OptionalJson;
use crate::http::signed_in::SignedIn;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[
    Code::Conflict.failure(),
    Code::CurrentPasswordInvalid.failure(),
    Code::OverCapacity.failure(),
    Code::OverRequestRateLimit.failure(),
    Code::ReauthenticationNeeded.failure(),
    Code::ReauthenticationNotValid.failure(),
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
    request_body(content = Option<Request>, example = json!({ "current_password": "correct horse battery staple" })),
    responses(
        (status = 200, description = "It goes later", body = Scheduled,
            example = json!({ "delete_after": "2026-12-08T12:00:00.000000Z" })),
        (status = 204, description = "It is gone"),
    ),
)]
pub async fn handle(signed_in: SignedIn, OptionalJson(request): OptionalJson<Request>) -> Result<Response, Error> {
    let SignedIn { claims, call } = &signed_in;
    let (app, now) = (&call.app, call.now);
    // 1
    let input = ReauthenticationInput {
        current_password: request.current_password.as_deref(),
        nonce: request.nonce.as_deref(),
    };
    if !has_proof(claims, &input, Fresh::ByAnything, now) {
        return Err(Code::ReauthenticationNeeded.into());
    }
    let mut slot = match input.current_password {
        Some(_) => Some(call.hash_slot(1)?),
        None => None,
    };
    let (mut db, session) = signed_in.connect(AssuranceLevel::Aal1).await?;
    let audit = call.audit();
    let proof = session::reauthenticate(app, &mut db, claims, &session, &input, slot.as_mut(), &audit).await?;

    // 2
    let grace = app.config().accounts.deletion_grace;
    let delete_after = (grace > TimeDelta::zero()).then(|| now + grace);
    let site_url = app.config().site.site_url.to_string();
    let mut mail_plan = MailPlan::new(app, now);
    let message = match delete_after {
        Some(delete_at) => Message::DeletionScheduled { event: security_event(&call.caller, now), delete_at, site_url },
        None => Message::AccountDeleted { site_url },
    };
    mail_plan.prepare(message, policy::NOTICE_LIFETIME)?;
    let deleted = delete::delete(&mut db, &session, &proof, delete_after, &mail_plan.prepared_mails, &audit).await??;
    after_response::in_background(app, db, deleted.ended, mail_plan.deliveries(deleted.mails));
    let account = Extension(AccountId(claims.sub));
    Ok(match delete_after {
        Some(delete_after) => (account, axum::Json(Scheduled { delete_after })).into_response(),
        None => (account, StatusCode::NO_CONTENT).into_response(),
    })
}
