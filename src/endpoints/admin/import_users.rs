//! `POST /admin/users/import`: makes a batch of accounts that come from another system, with their
//! password hashes. Not here: reading files, batches, trying again, which `npm run admin -- import`
//! does.

use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::db::admin::import_users;
use crate::db::admin::import_users::Obstacle;
use crate::domain::account::imported_user::{ImportedUser, Line};
use crate::domain::policy;
use crate::domain::token::api_key::Scope;
use crate::host;
use crate::http::administrator::Administrator;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::{Json, Misfit};

/// How this call can fail of itself. A line that is refused is no failure of the call.
pub const FAILURES: &[Failure] = &[];

/// A batch.
#[derive(Deserialize, ToSchema)]
#[schema(as = Import)]
pub struct Request {
    /// At most 500. Of each: `email`, and if there are `id`, `email_confirmed_at` or
    /// `email_confirm`, `password_hash`, `created_at`, `updated_at`, `invited_at`,
    /// `last_sign_in_at`, `banned_until`, `delete_after`, `user_metadata`, `app_metadata`, `role`,
    /// `locale`. What else a line has is refused rather than lost.
    #[schema(value_type = Vec<Object>)]
    users: Vec<Value>,
}

/// What became of a batch.
#[derive(Serialize, ToSchema)]
pub struct ImportResult {
    /// Accounts that were made.
    imported: usize,
    /// Accounts that were there already, and are as they were.
    unchanged: usize,
    /// Those that were not made.
    refused: Vec<RefusedLine>,
}

/// An account that was not made.
#[derive(Serialize, ToSchema)]
pub struct RefusedLine {
    /// Its place in `users`, from 0.
    index: usize,
    /// Stable: `validation_failed`, `email_address_invalid`, `anonymous_user`,
    /// `password_hash_invalid`, `password_hash_too_costly`, `email_exists`, `id_exists`,
    /// `id_was_deleted`.
    code: &'static str,
    /// Why, for a person. Quotes no value.
    reason: String,
}

/// Imports a batch.
///
/// 1. [`Administrator`] has verified the caller.
/// 2. Each line is checked by itself. Nothing is hashed.
/// 3. One statement makes the accounts for which there is room. Nobody is mailed.
#[utoipa::path(
    post, path = "/auth/v1/admin/users/import", tag = "Administration", summary = "Import accounts",
    description = "Makes accounts with the ids and password hashes that they had elsewhere; the \
        next sign-in replaces the hash. A line that is refused does not stop the others. Nobody is \
        mailed. A batch may be sent again: what is there is left as it is. An API key takes the \
        scope `users:write`.",
    request_body(content = Request, example = json!({ "users": [{
        "id": "0b5f6cf2-5a0e-4b5e-9a53-6c5b8a7f9d01",
        "email": "grace@example.com",
        "email_confirm": true,
        "password_hash": "$2a$10$abcdefghijklmnopqrstuuGGgFFcYeueaAql8Z7U7CnCTRw4DR77W",
    }] })),
    responses((status = 200, description = "What became of them", body = ImportResult)),
)]
pub async fn handle(administrator: Administrator, Json(request): Json<Request>) -> Result<Response, Error> {
    let (app, now) = (&administrator.call.app, administrator.call.now);
    // 1
    if request.users.len() > policy::IMPORT_BATCH_MAX {
        return Err(Error::invalid(format!("users must be at most {}", policy::IMPORT_BATCH_MAX)));
    }
    let mut db = administrator.connect(Scope::UsersWrite).await?;

    // 2
    let mut users = Vec::with_capacity(request.users.len());
    let mut refused = Vec::new();
    for (index, line) in request.users.into_iter().enumerate() {
        match checked(app, line, index, now) {
            Ok(user) => users.push(user),
            Err((code, reason)) => refused.push(RefusedLine { index, code, reason }),
        }
    }

    // 3
    let outcome = import_users::import(&mut db, &users, &administrator.audit(), now).await?;
    for line in outcome.refused {
        let (code, reason) = describe(line.obstacle);
        refused.push(RefusedLine { index: line.index, code, reason: reason.to_owned() });
    }
    refused.sort_by_key(|line| line.index);
    let body = ImportResult { imported: outcome.imported, unchanged: outcome.unchanged, refused };
    Ok(axum::Json(body).into_response())
}

/// The account that a line describes, or the code and reason of its refusal.
fn checked(
    app: &App,
    line: Value,
    index: usize,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<ImportedUser, (&'static str, String)> {
    let invalid = Code::ValidationFailed.as_str();
    if !line.is_object() {
        return Err((invalid, "it is no JSON object".to_owned()));
    }
    let line: Line = serde_path_to_error::deserialize(line).map_err(|problem| match Misfit::of(problem) {
        Misfit::Unknown(name) => (invalid, format!("{name} is no field of an account")),
        Misfit::WrongType(path) => (invalid, format!("{path} is of the wrong type or form")),
    })?;
    let fresh_id = host::random_id(app.entropy.as_ref());
    ImportedUser::check(line, index, fresh_id, &app.parts.hasher, now)
        .map_err(|problem| (problem.code(), problem.to_string()))
}

fn describe(obstacle: Obstacle) -> (&'static str, &'static str) {
    match obstacle {
        Obstacle::EmailExists => ("email_exists", "another account has this address"),
        Obstacle::IdExists => ("id_exists", "another account has this id"),
        Obstacle::IdWasDeleted => {
            ("id_was_deleted", "an account that was deleted had this id, and ids are not used again")
        }
    }
}
