//! `POST /invite`: makes an account for an address and mails an invitation to it.

use std::sync::Arc;

use axum::Extension;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::app::App;
use crate::db::account::sign_up::NewAccount;
use crate::db::admin::generate_link;
use crate::db::admin::generate_link::{GenerateLinkOutcome, LinkType, OperatorLink};
use crate::db::mail::request::LinkOrigin;
use crate::db::session::sessions::AuditContext;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::account::user::Caller;
use crate::domain::credential::one_time_token::TokenKind;
use crate::domain::locale::Locale;
use crate::domain::mail::message::Message;
use crate::domain::policy;
use crate::domain::token::api_key::Scope;
use crate::flows::after_response;
use crate::flows::mail::plan::MailPlan;
use crate::host;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::caller::text;
use crate::http::error::{Code, Error};
use crate::http::extract::{Json, Query};
use crate::http::metadata::check_metadata;
use crate::http::objects;
use crate::http::redirect::RedirectTo;

/// Every way this call can fail.
pub const FAILURES: &[Code] = &[
    Code::BadJson,
    Code::BadJwt,
    Code::EmailAddressInvalid,
    Code::EmailExists,
    Code::InvalidApiKey,
    Code::NoAuthorization,
    Code::NotAdmin,
    Code::RequestEntityTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
];

/// Who is invited.
#[derive(Deserialize, ToSchema)]
#[schema(as = Invitation)]
pub struct Request {
    /// The address.
    #[schema(value_type = String, required = true)]
    email: Option<String>,
    /// Becomes `user_metadata`; at most 16 KiB. `locale` (`en`, `ru`) chooses the language of the
    /// mail.
    #[schema(value_type = Option<Object>)]
    data: Option<Map<String, Value>>,
}

/// Invites.
///
/// 1. [`Administrator`] has verified the caller; the request is checked.
/// 2. One statement makes the account, without a password, and issues the link. What somebody else
///    signed up with there, unconfirmed, goes.
/// 3. Sends the mail after the response.
#[utoipa::path(
    post, path = "/auth/v1/invite", tag = "Administration", summary = "Invite somebody",
    description = "Mails a link and a code that confirm the address and sign in, for 24 hours; the account has no password yet. Somebody who \
        signed up and has not confirmed is invited too; a confirmed account is not. Takes the scope `links:write`.",
    security(("service" = [])),
    request_body(content = Request, example = json!({ "email": "grace@example.com", "data": { "name": "Grace" } })), params(("redirect_to" = Option<String>, Query, description = "Where to go after accepting")),
    responses((status = 200, description = "The account that was made", body = objects::User)),
)]
pub async fn handle(
    Extension(app): Extension<Arc<App>>,
    caller: Caller,
    mut administrator: Administrator,
    headers: HeaderMap,
    Query(parameters): Query<RedirectTo>,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    // 1
    administrator.require(Scope::LinksWrite)?;
    let address = EmailAddress::parse(&request.email.unwrap_or_default())?;
    let data = Value::Object(request.data.unwrap_or_default());
    check_metadata(&data)?;
    let locale = Locale::choose(&data, text(&headers, header::ACCEPT_LANGUAGE.as_str()));
    let now = app.clock.now();

    // 2
    let origin = LinkOrigin {
        redirect_to: Some(app.config().site.redirects.resolve(parameters.redirect_to.as_deref()).into()),
        ..LinkOrigin::default()
    };
    let mut mail_plan = MailPlan::new(&app, now);
    let secrets = mail_plan.link_as(
        TokenKind::MagicLink,
        LinkType::Invite.as_str(),
        policy::INVITATION_LIFETIME,
        &address,
        origin,
    )?;
    let message = Message::Invite { address: address.as_str().to_owned(), link: secrets.link, code: secrets.code };
    mail_plan.prepare(message, policy::INVITATION_LIFETIME)?;
    let account = NewAccount {
        id: host::random_id(app.entropy.as_ref()),
        email: Some(address.as_str()),
        password_hash: None,
        app_metadata: &json!({ "provider": "email", "providers": ["email"] }),
        user_metadata: &data,
        locale: locale.as_str(),
    };
    let link = OperatorLink {
        link_type: LinkType::Invite,
        account: &account,
        new_email: None,
        links: &mail_plan.links,
        prepared_mails: &mail_plan.prepared_mails,
    };
    let mut db = administrator.connect(&app, Scope::LinksWrite).await?;
    let audit = AuditContext::of_administrator(host::random_id(app.entropy.as_ref()), &caller, &administrator.actor);
    let (user, mails) = match generate_link::make(&mut db, &link, &audit, now).await? {
        GenerateLinkOutcome::Done(user, mails) => (user, mails),
        GenerateLinkOutcome::EmailExists => return Err(Code::EmailExists.into()),
        GenerateLinkOutcome::NoUser => return Err(Error::unexpected("an invitation that made no account")),
    };

    // 3
    after_response::in_background(&app, db, Vec::new(), mail_plan.deliveries(mails));
    let body = objects::User::new(&user, &app.config().tokens.audience, now);
    Ok((Extension(AccountId(user.id)), axum::Json(body)).into_response())
}
