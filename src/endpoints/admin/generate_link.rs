//! `POST /admin/generate_link`: makes a link and code, for a mail that the operator's own program
//! sends. Nothing is mailed here.

use axum::Extension;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::USER_NOT_FOUND;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::credential::link_type::LinkType;
use crate::domain::credential::password::Password;
use crate::domain::locale::Locale;
use crate::domain::token::api_key::Scope;
use crate::flows::mail::generate_link;
use crate::flows::mail::generate_link::{GenerateLinkRequest, IssuedLink};
use crate::host;
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::{Json, Query, text};
use crate::http::metadata::check_metadata;
use crate::http::objects;
use crate::http::redirect::RedirectTo;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[
    Code::EmailAddressInvalid.failure(),
    Code::EmailExists.failure(),
    Code::OverCapacity.failure(),
    USER_NOT_FOUND,
    Code::WeakPassword.failure(),
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
    description = "For mails of your own: nothing is mailed. `signup`, `invite` and `magiclink` \
        make the account if there is none. Whoever has the answer can sign in as that user. Takes \
        the scope `links:write`.",
    request_body(content = Request, example = json!({ "type": "magiclink", "email": "ada@example.com" })),
    params(("redirect_to" = Option<String>, Query, description = "Where to go afterwards")),
    responses((status = 200, description = "The account, and the link in its parts", body = objects::GeneratedLink)),
)]
pub async fn handle(
    administrator: Administrator,
    headers: HeaderMap,
    Query(parameters): Query<RedirectTo>,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    let (app, now) = (&administrator.call.app, administrator.call.now);
    // 1
    administrator.require(Scope::LinksWrite)?;
    let Some(link_type) = request.link_type.as_deref().and_then(LinkType::parse) else {
        return Err(Error::invalid(
            "type must be signup, invite, magiclink, recovery, email_change_current or email_change_new",
        ));
    };
    let address = EmailAddress::parse(&request.email.unwrap_or_default())?;
    let new_address = match (link_type.is_change(), request.new_email.as_deref()) {
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
        Some(_) => Some(administrator.call.hash_slot(1)?),
        None => None,
    };
    let hash = password.map(|password| app.parts.hasher.hash(&password, host::random(app.entropy.as_ref())));

    // 3
    let redirect_to = parameters.redirect_to.or(request.redirect_to);
    let redirect_to: String = app.config().site.redirects.resolve(redirect_to.as_deref()).into();
    let link = GenerateLinkRequest {
        link_type,
        address: &address,
        new_address: new_address.as_ref(),
        password_hash: hash.as_deref(),
        user_metadata: &data,
        locale,
        redirect_to: redirect_to.clone(),
    };
    let mut db = administrator.connect(Scope::LinksWrite).await?;
    let IssuedLink { user, secrets, .. } =
        generate_link::generate(app, &mut db, link, &administrator.audit(), now).await?;
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
