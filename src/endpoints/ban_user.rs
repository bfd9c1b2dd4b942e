//! `PUT /admin/users/{id}`: bans an account, which ends its sessions, or lifts the ban.
//! Not here yet: everything else that an operator may want to change.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::db::{Connection, administration};
use crate::domain::user::Caller;
use crate::http::answer::AccountId;
use crate::http::bearer::Administrator;
use crate::http::error::{Code, Error};
use crate::http::extract::{Id, Json};
use crate::http::objects;
use crate::{aftermath, host};

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJson,
    Code::BadJwt,
    Code::InvalidId,
    Code::NoAuthorization,
    Code::NoSuchUser,
    Code::NotAdmin,
    Code::RequestEntityTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
];

/// For how long.
#[derive(Deserialize, ToSchema)]
#[schema(as = Ban)]
pub struct Request {
    /// Such as `24h` or `1h30m`; `none` lifts the ban.
    #[schema(example = "24h")]
    ban_duration: Option<String>,
    /// Everything else that the protocol knows: cannot be changed yet, and is refused.
    #[serde(flatten)]
    #[schema(ignore)]
    others: BTreeMap<String, Value>,
}

/// Bans an account.
///
/// 1. [`Administrator`] has verified the caller's service token; the duration is read.
/// 2. One statement bans, and ends the account's sessions.
/// 3. KV hears of it after the response.
#[utoipa::path(
    put, path = "/auth/v1/admin/users/{id}", tag = "Services", summary = "Ban an account",
    description = "All its sessions end. Lifting the ban does not bring them back.",
    security(("service" = [])),
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    request_body(content = Request, example = json!({ "ban_duration": "24h" })),
    responses((status = 200, description = "The account", body = objects::User)),
)]
pub async fn handle(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: Administrator,
    Id(user_id): Id,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    let now = app.clock.now();
    let until = match request.ban_duration.as_deref() {
        Some("none") => None,
        Some(text) => Some(banned_until(text, now)?),
        None => return Err(Error::invalid("There is nothing to change: send ban_duration")),
    };
    if request.others.values().any(|value| !value.is_null()) {
        return Err(Error::invalid("Only ban_duration can be changed so far"));
    }
    // 2
    let audit_id = host::random_id(app.entropy.as_ref());
    let mut db = Connection::open(app.database.as_ref()).await?;
    let (user, ended) =
        administration::ban(&mut db, user_id, until, audit_id, &caller, now).await?.ok_or(Code::NoSuchUser)?;
    // 3
    aftermath::in_background(&app, db, ended, Vec::new());
    let body = objects::User::new(&user, &app.config().audience, now);
    Ok((Extension(AccountId(user.id)), axum::Json(body)).into_response())
}

fn banned_until(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
    humantime::parse_duration(text)
        .ok()
        .filter(|duration| duration.as_secs() > 0)
        .and_then(|duration| TimeDelta::from_std(duration).ok())
        .and_then(|duration| now.checked_add_signed(duration))
        // RFC 3339 has four digits for the year.
        .filter(|until| until.year() <= 9999)
        .ok_or_else(|| Error::invalid("ban_duration must be a time such as 24h or 1h30m, of a second or more, or none"))
}
