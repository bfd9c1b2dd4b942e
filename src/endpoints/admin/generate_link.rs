//! `POST /admin/generate_link`: makes a link and code, for a mail that the operator's own program
//! sends. Nothing is mailed here.

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
use crate::domain::credential::password::Password;
use crate::domain::locale::Locale;
use crate::domain::policy;
use crate::domain::token::api_key::Scope;
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
    Code::NoSuchUser,
    Code::NotAdmin,
    Code::OverCapacity,
    Code::RequestEntityTooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
    Code::WeakPassword,
];

/// Which link, and for whom.
#[derive(Deserialize, ToSchema)]
#[schema(as = GenerateLink)]
pub struct Request {
    /// `signup`, `invite`, `magiclink`, `recovery`, `email_change_current` or `email_change_new`.
    #[serde(rename = "type")]
    #[schema(value_type = String, required = true)]
    link_type: Option<String>,
    /// Address of the account.
    #[schema(value_type = String, required = true)]
    email: Option<String>,
    /// Of a change of address: the new one.
    new_email: Option<String>,
    /// Of `signup`: the password of the new account.
    password: Option<String>,
    /// Of `signup`, `invite` and `magiclink`: becomes the `user_metadata` of a new account.
    #[schema(value_type = Option<Object>)]
    data: Option<Map<String, Value>>,
    /// Where to go afterwards; the same as in the query, which counts first.
    redirect_to: Option<String>,
}

/// Makes a link.
///
/// 1. [`Administrator`] has verified the caller; the request is checked.
/// 2. Hashes the password of a sign-up.
/// 3. One statement makes the account, where the type makes one, and issues the link. The earlier
///    ones of its kind die.
#[utoipa::path(
    post, path = "/auth/v1/admin/generate_link", tag = "Administration", summary = "Make a link",
    description = "For mails of your own: nothing is mailed. `signup`, `invite` and `magiclink` make the account if there is none. Whoever \
        has the answer can sign in as that user. Takes the scope `links:write`.",
    security(("service" = [])),
    request_body(content = Request, example = json!({ "type": "magiclink", "email": "ada@example.com" })), params(("redirect_to" = Option<String>, Query, description = "Where to go afterwards")),
    responses((status = 200, description = "The account, and the link in its parts", body = objects::GeneratedLink)),
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
    let Some(link_type) = request.link_type.as_deref().and_then(LinkType::parse) else {
        return Err(Error::invalid(
            "type must be signup, invite, magiclink, recovery, email_change_current or email_change_new",
        ));
    };
    let address = EmailAddress::parse(&request.email.unwrap_or_default())?;
    let new_address = match (is_change(link_type), request.new_email.as_deref()) {
        (false, _) => None,
        (true, Some(new)) => Some(EmailAddress::parse(new)?),
        (true, None) => return Err(Error::invalid("A change of address takes new_email")),
    };
    if new_address.as_ref().is_some_and(|new| new.key() == address.key()) {
        return Err(Error::invalid("new_email is the address that the account has"));
    }
    let data = Value::Object(request.data.unwrap_or_default());
    check_metadata(&data)?;
    let locale = Locale::choose(&data, text(&headers, header::ACCEPT_LANGUAGE.as_str()));
    let password = match (link_type, request.password.as_deref()) {
        (LinkType::Signup, Some(password)) => {
            let password = Password::parse(password)?;
            password.check(&app.config().passwords.policy, &address)?;
            Some(password)
        }
        (LinkType::Signup, None) => return Err(Error::invalid("Signup requires a valid password")),
        _ => None,
    };

    // 2
    let _slot = match &password {
        Some(_) => Some(app.hash_slot().ok_or(Code::OverCapacity)?),
        None => None,
    };
    let hash = password.map(|password| app.parts.hasher.hash(&password, host::random(app.entropy.as_ref())));

    // 3
    let now = app.clock.now();
    let redirect_to = parameters.redirect_to.or(request.redirect_to);
    let redirect_to: String = app.config().site.redirects.resolve(redirect_to.as_deref()).into();
    let origin = LinkOrigin { redirect_to: Some(redirect_to.clone()), ..LinkOrigin::default() };
    let kind = kind(link_type);
    let lifetime = if link_type == LinkType::Invite { policy::INVITATION_LIFETIME } else { kind.lifetime() };
    let mut mail_plan = MailPlan::new(&app, now);
    let mailbox = match (link_type, &new_address) {
        (LinkType::EmailChangeNew, Some(new)) => new,
        _ => &address,
    };
    let wire_type = if is_change(link_type) { kind.wire_type() } else { link_type.as_str() };
    let secrets = mail_plan.link_as(kind, wire_type, lifetime, mailbox, origin)?;
    let account = NewAccount {
        id: host::random_id(app.entropy.as_ref()),
        email: Some(address.as_str()),
        password_hash: hash.as_deref(),
        app_metadata: &json!({ "provider": "email", "providers": ["email"] }),
        user_metadata: &data,
        locale: locale.as_str(),
    };
    let link = OperatorLink {
        link_type,
        account: &account,
        new_email: new_address.as_ref().map(EmailAddress::as_str),
        links: &mail_plan.links,
        prepared_mails: &mail_plan.prepared_mails,
    };
    let mut db = administrator.connect(&app, Scope::LinksWrite).await?;
    let audit = AuditContext::of_administrator(host::random_id(app.entropy.as_ref()), &caller, &administrator.actor);
    let user = match generate_link::make(&mut db, &link, &audit, now).await? {
        GenerateLinkOutcome::Done(user, _) => user,
        GenerateLinkOutcome::NoUser => return Err(Code::NoSuchUser.into()),
        GenerateLinkOutcome::EmailExists => return Err(Code::EmailExists.into()),
    };
    let body = objects::GeneratedLink {
        user: objects::User::new(&user, &app.config().tokens.audience, now),
        action_link: secrets.link,
        email_otp: secrets.code,
        hashed_token: secrets.token,
        verification_type: link_type.as_str().to_owned(),
        redirect_to,
    };
    Ok((Extension(AccountId(user.id)), axum::Json(body)).into_response())
}

/// Whether it is one of the two links of a change of address.
const fn is_change(link_type: LinkType) -> bool {
    matches!(link_type, LinkType::EmailChangeCurrent | LinkType::EmailChangeNew)
}

/// What the link is to us. An invitation signs in.
const fn kind(link_type: LinkType) -> TokenKind {
    match link_type {
        LinkType::Signup => TokenKind::Signup,
        LinkType::Invite | LinkType::MagicLink => TokenKind::MagicLink,
        LinkType::Recovery => TokenKind::Recovery,
        LinkType::EmailChangeCurrent => TokenKind::EmailChangeCurrent,
        LinkType::EmailChangeNew => TokenKind::EmailChangeNew,
    }
}
