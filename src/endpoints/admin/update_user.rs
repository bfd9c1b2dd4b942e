//! `PUT /admin/users/{id}`: changes an account. All of it or nothing.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::USER_NOT_FOUND;
use crate::db::Connection;
use crate::db::admin::changes::{AdminChanges, AdminUpdateOutcome};
use crate::db::admin::{changes, users};
use crate::domain::account::email_address::EmailAddress;
use crate::domain::caller::Caller;
use crate::domain::locale::Locale;
use crate::domain::token::api_key::Scope;
use crate::flows::after_response;
use crate::flows::mail::plan::MailPlan;
use crate::http::account_fields::{Fields, Request, Secret};
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::{Id, Json};
use crate::http::objects;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[
    Code::EmailAddressInvalid.failure(),
    Code::EmailExists.failure(),
    Code::OverCapacity.failure(),
    Code::PhoneProviderDisabled.failure(),
    USER_NOT_FOUND,
    Code::WeakPassword.failure(),
];

/// Changes an account.
///
/// 1. [`Administrator`] has verified the caller; the request is checked.
/// 2. A new password is hashed. It may not be the address, so without a new address a statement
///    reads the current one.
/// 3. One statement changes it all. A new password and a ban end all sessions; these two and a new
///    address end open links.
/// 4. KV hears of it after the response, and the owner of a new password or a former address, by
///    mail.
#[utoipa::path(
    put, path = "/auth/v1/admin/users/{id}", tag = "Administration", summary = "Change an account",
    description = "What is left out stays. A new password and a ban end all its sessions, and \
        lifting the ban does not bring them back; these two and a new address end its open links \
        and codes, and a change of address under way. An account that is deleted softly cannot be \
        changed. Takes the scope `users:write`.",
    params(("id" = uuid::Uuid, Path, description = "Of the account")),
    request_body(content = Request, example = json!({ "ban_duration": "24h", "app_metadata": { "plan": "free" } })),
    responses((status = 200, description = "The account", body = objects::User)),
)]
pub async fn handle(
    administrator: Administrator,
    Id(user_id): Id,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    let (app, now) = (&administrator.call.app, administrator.call.now);
    // 1
    administrator.require(Scope::UsersWrite)?;
    if request.id.is_some_and(|id| id != user_id) {
        return Err(Error::invalid("The id of an account cannot be changed"));
    }
    let fields = Fields::read(app, request, now)?;
    if fields.is_empty() {
        return Err(Error::invalid("There is nothing to change: send email, password, user_metadata, ban_duration, …"));
    }

    // 2
    let mut db = administrator.connect(Scope::UsersWrite).await?;
    let mut mail_plan = MailPlan::new(app, now);
    let hash = match fields.secret {
        Some(Secret::Password(password)) => {
            let address = match fields.email.clone() {
                Some(address) => address,
                None => address_of(&mut db, user_id).await?,
            };
            Some(Secret::Password(password).into_hash(&administrator.call, &address)?)
        }
        Some(Secret::Hash(hash)) => Some(hash),
        None => None,
    };
    if hash.is_some() {
        // Where the operator's program runs is no business of the account's owner.
        mail_plan.prepare_password_changed(&Caller { ip: None, user_agent: None })?;
    }
    if fields.email.is_some() {
        mail_plan.prepare_email_changed()?;
    }

    // 3
    let changes = AdminChanges {
        email: fields.email.as_ref().map(EmailAddress::as_str),
        confirmed: fields.confirm.then_some(()),
        new_hash: hash.as_deref(),
        role: fields.role.as_deref(),
        user_metadata: fields.user_metadata.as_ref(),
        app_metadata: fields.app_metadata.as_ref(),
        banned_until: fields.banned_until,
        locale: fields.user_metadata.as_ref().and_then(Locale::from_metadata).map(Locale::as_str),
        ..AdminChanges::default()
    };
    let update =
        match changes::update(&mut db, user_id, &changes, &mail_plan.prepared_mails, &administrator.audit(), now)
            .await?
        {
            AdminUpdateOutcome::Done(update) => update,
            AdminUpdateOutcome::NoUser => return Err(USER_NOT_FOUND.into()),
            AdminUpdateOutcome::NoAddress => return Err(no_address()),
            AdminUpdateOutcome::EmailExists => return Err(Code::EmailExists.into()),
            AdminUpdateOutcome::MetadataTooLarge => {
                return Err(Error::invalid("The metadata would become larger than 16 KiB"));
            }
        };

    // 4
    after_response::in_background(app, db, update.ended, mail_plan.deliveries(update.mails));
    let body = objects::User::new(&update.account, &app.config().tokens.audience, now);
    Ok((Extension(AccountId(user_id)), axum::Json(body)).into_response())
}

/// The address of an account that can be changed.
async fn address_of(db: &mut Connection<'_>, user_id: Uuid) -> Result<EmailAddress, Error> {
    let user = users::find(db, user_id).await?.filter(|user| user.deleted_at.is_none());
    let email = user.ok_or(USER_NOT_FOUND)?.email.ok_or_else(no_address)?;
    EmailAddress::parse(&email).map_err(Error::unexpected)
}

fn no_address() -> Error {
    Error::invalid("The account has no address, so a password or a confirmation is of no use to it: send email as well")
}
