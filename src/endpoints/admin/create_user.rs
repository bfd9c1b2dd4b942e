//! `POST /admin/users`: makes an account, and mails nobody.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::db::admin::changes;
use crate::db::admin::changes::{AccountToCreate, CreateOutcome};
use crate::domain::account::user::{DEFAULT_ROLE, email_app_metadata};
use crate::domain::locale::Locale;
use crate::domain::token::api_key::Scope;
use crate::host;
use crate::http::account_fields::{Fields, Request};
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::Json;
use crate::http::objects;

/// The id is that of an account, or was.
const ID_EXISTS: Failure = Code::Conflict.saying("There is an account with this id, or was: ids are never used again");

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[
    Code::EmailAddressInvalid.failure(),
    Code::EmailExists.failure(),
    ID_EXISTS,
    Code::OverCapacity.failure(),
    Code::PhoneProviderDisabled.failure(),
    Code::WeakPassword.failure(),
];

/// Makes an account.
///
/// 1. [`Administrator`] has verified the caller; the request is checked.
/// 2. The password is hashed, if there is one.
/// 3. One statement makes the account, unless its address or id has one.
#[utoipa::path(
    post, path = "/auth/v1/admin/users", tag = "Administration", summary = "Make an account",
    description = "Nothing is mailed. Without `email_confirm` the account is as after signing up: \
        nobody can sign in before the address is confirmed, and after 30 days it is removed. \
        Without a password its owner sets one by `POST /recover`. Takes the scope `users:write`.",
    request_body(content = Request, example = json!({
        "email": "ada@example.com", "password": "correct horse battery staple", "email_confirm": true,
        "user_metadata": { "name": "Ada" },
    })),
    responses((status = 200, description = "The account", body = objects::User)),
)]
pub async fn handle(administrator: Administrator, Json(request): Json<Request>) -> Result<Response, Error> {
    let (app, now) = (&administrator.call.app, administrator.call.now);
    // 1
    administrator.require(Scope::UsersWrite)?;
    let id = request.id.unwrap_or_else(|| host::random_id(app.entropy.as_ref()));
    if id.is_nil() {
        return Err(Error::invalid("id cannot be the nil UUID"));
    }
    let fields = Fields::read(app, request, now)?;
    let address =
        fields.email.ok_or_else(|| Error::invalid("Cannot create a user without either an email or phone"))?;

    // 2
    let hash = fields.secret.map(|secret| secret.into_hash(&administrator.call, &address)).transpose()?;

    // 3
    let user_metadata = without_nulls(fields.user_metadata);
    let mut app_metadata = without_nulls(fields.app_metadata);
    if let (Value::Object(members), Value::Object(provider)) = (&mut app_metadata, email_app_metadata()) {
        members.extend(provider);
    }
    let account = AccountToCreate {
        id,
        email: address.as_str(),
        confirmed: fields.confirm,
        password_hash: hash.as_deref(),
        role: fields.role.as_deref().unwrap_or(DEFAULT_ROLE),
        app_metadata: &app_metadata,
        locale: Locale::from_metadata(&user_metadata).unwrap_or(Locale::En).as_str(),
        user_metadata: &user_metadata,
        banned_until: fields.banned_until.flatten(),
    };
    let mut db = administrator.connect(Scope::UsersWrite).await?;
    match changes::create(&mut db, &account, &administrator.audit(), now).await? {
        CreateOutcome::Done(user) => {
            let body = objects::User::new(&user, &app.config().tokens.audience, now);
            Ok((Extension(AccountId(user.id)), axum::Json(body)).into_response())
        }
        CreateOutcome::EmailExists => Err(Code::EmailExists.into()),
        CreateOutcome::IdExists => Err(ID_EXISTS.into()),
    }
}

/// A null removes a member, and there is none yet.
fn without_nulls(metadata: Option<Value>) -> Value {
    let mut metadata = metadata.unwrap_or_else(|| json!({}));
    if let Value::Object(members) = &mut metadata {
        members.retain(|_, value| !value.is_null());
    }
    metadata
}
