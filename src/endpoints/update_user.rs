//! `PUT /user`: changes the caller's password, which ends their other sessions.
//! Not here yet: a new address, metadata, a nonce instead of the current password.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::db::Connection;
use crate::db::passwords::{self, Change, Changed, Current};
use crate::domain::counter::{Counted, counter_key};
use crate::domain::email_address::EmailAddress;
use crate::domain::password::Password;
use crate::domain::password_hash::Verification;
use crate::domain::user::Caller;
use crate::http::answer::AccountId;
use crate::http::bearer::Bearer;
use crate::http::error::{Code, Error};
use crate::http::extract::Json;
use crate::http::{objects, session};
use crate::{host, revocation};

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJson,
    Code::BadJwt,
    Code::CurrentPasswordInvalid,
    Code::CurrentPasswordRequired,
    Code::NoAuthorization,
    Code::OverCapacity,
    Code::OverRequestRateLimit,
    Code::RequestEntityTooLarge,
    Code::SamePassword,
    Code::SessionNotFound,
    Code::UnsupportedMediaType,
    Code::UserBanned,
    Code::UserNotFound,
    Code::ValidationFailed,
    Code::WeakPassword,
];

/// What is to change.
#[derive(Deserialize, ToSchema)]
#[schema(as = UserUpdate)]
pub struct Request {
    /// The new password.
    #[schema(example = "another horse battery staple")]
    password: Option<String>,
    /// The current one.
    #[schema(example = "correct horse battery staple")]
    current_password: Option<String>,
    /// Cannot be changed yet.
    #[schema(value_type = Option<String>)]
    email: Option<Value>,
    /// Not offered.
    #[schema(value_type = Option<String>)]
    phone: Option<Value>,
    /// Cannot be changed yet.
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

/// Changes the password.
///
/// 1. Checks the request and the new password; the current one has to come with it (ASVS 6.2.3).
/// 2. One statement asks whether the session lives, counts the attempt, and returns the stored hash.
/// 3. Verifies the current password, hashes the new one.
/// 4. One statement changes it, and ends the user's other sessions and open links.
#[utoipa::path(
    put, path = "/auth/v1/user", tag = "User", summary = "Change my password",
    description = "All other sessions of the user end.",
    security(("bearer" = [])),
    request_body(content = Request),
    responses((status = 200, description = "Changed", body = objects::User)),
)]
pub async fn handle(
    State(app): State<Arc<App>>,
    caller: Caller,
    Bearer(claims): Bearer,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    if request.email.is_some() || request.phone.is_some() || request.data.is_some() {
        return Err(Error::invalid("Only the password can be changed so far"));
    }
    let Some(new) = request.password else { return Err(Error::invalid("There is nothing to change: send password")) };
    let Some(current) = request.current_password else { return Err(Code::CurrentPasswordRequired.into()) };
    let new = Password::parse(&new)?;
    let current = Password::parse(&current).map_err(|_| Code::CurrentPasswordInvalid)?;
    if new.expose() == current.expose() {
        return Err(Code::SamePassword.into());
    }
    let config = app.config();
    let address = EmailAddress::parse(&claims.email).map_err(Error::unexpected)?;
    new.check(&config.password_policy, &address)?;
    let _slots = app.hash_slots(2).ok_or(Code::OverCapacity)?;
    let now = app.clock.now();
    let signed_in = session::signed_in(&app, &claims, now);
    let counter = counter_key(&config.auth_secrets, Counted::CurrentPassword, &claims.session_id.to_string());

    // 2
    let request_id = host::random_id(app.entropy.as_ref());
    let mut db = Connection::open(app.database.as_ref()).await?;
    let hash = match passwords::count_and_read(&mut db, &signed_in, counter, request_id).await? {
        Current::Refused(refusal) => return Err(refusal.into()),
        Current::Wait(seconds) => return Err(Error::wait(Code::OverRequestRateLimit, seconds)),
        Current::Hash(hash) => hash.ok_or(Code::CurrentPasswordInvalid)?,
    };

    // 3
    match app.parts.hasher.verify(&current, &hash).map_err(Error::unexpected)? {
        Verification::Right { .. } => {}
        Verification::Wrong => {
            return Err(Error::from(Code::CurrentPasswordInvalid).because(format!("wrong password for {}", claims.sub)));
        }
    }
    let new_hash = app.parts.hasher.hash(&new, host::random(app.entropy.as_ref()));

    // 4
    let audit_id = host::random_id(app.entropy.as_ref());
    let change = Change { verified_hash: &hash, new_hash: &new_hash, counter, audit_id };
    let (user, ended) = match passwords::change(&mut db, &signed_in, &change, &caller).await? {
        Changed::Done(user, ended) => (user, ended),
        Changed::Outdated => return Err(Error::from(Code::CurrentPasswordInvalid).because("it was changed meanwhile")),
        Changed::Refused(refusal) => return Err(refusal.into()),
    };
    revocation::spread_in_background(&app, db, ended);
    let body = objects::User::new(&user, &config.audience, now);
    Ok((Extension(AccountId(user.id)), axum::Json(body)).into_response())
}
