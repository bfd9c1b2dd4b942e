//! `POST /invite`: makes an account for an address and mails an invitation to it.

use axum::Extension;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::account::email_address::EmailAddress;
use crate::domain::credential::link_type::LinkType;
use crate::domain::locale::Locale;
use crate::domain::token::api_key::Scope;
use crate::flows::after_response;
use crate::flows::mail::generate_link;
use crate::flows::mail::generate_link::{GenerateLinkError, GenerateLinkRequest};
use crate::http::administrator::Administrator;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::{Json, Query, text};
use crate::http::metadata::check_metadata;
use crate::http::objects;
use crate::http::redirect::RedirectTo;

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[Code::EmailAddressInvalid.failure(), Code::EmailExists.failure()];

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
    description = "Mails a link and a code that confirm the address and sign in, for 24 hours; the \
        account has no password yet. Somebody who signed up and has not confirmed is invited too; \
        a confirmed account is not. Takes the scope `links:write`.",
    request_body(content = Request, example = json!({ "email": "grace@example.com", "data": { "name": "Grace" } })),
    params(("redirect_to" = Option<String>, Query, description = "Where to go after accepting")),
    responses((status = 200, description = "The account that was made", body = objects::User)),
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
    let address = EmailAddress::parse(&request.email.unwrap_or_default())?;
    let data = Value::Object(request.data.unwrap_or_default());
    check_metadata(&data)?;
    let locale = Locale::choose(&data, text(&headers, header::ACCEPT_LANGUAGE.as_str()));

    // 2
    let invitation = GenerateLinkRequest {
        link_type: LinkType::Invite,
        address: &address,
        new_address: None,
        password_hash: None,
        user_metadata: &data,
        locale,
        redirect_to: app.config().site.redirects.resolve(parameters.redirect_to.as_deref()).into(),
    };
    let mut db = administrator.connect(Scope::LinksWrite).await?;
    let made = match generate_link::invite(app, &mut db, invitation, &administrator.audit(), now).await {
        Err(GenerateLinkError::NoUser) => return Err(Error::unexpected("an invitation that made no account")),
        made => made?,
    };

    // 3
    after_response::in_background(app, db, Vec::new(), made.mails);
    let body = objects::User::new(&made.user, &app.config().tokens.audience, now);
    Ok((Extension(AccountId(made.user.id)), axum::Json(body)).into_response())
}
