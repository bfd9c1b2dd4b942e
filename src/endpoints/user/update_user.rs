//! `PUT /user`: changes the caller's password, address or metadata. All of it or nothing.

use axum::Extension;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::db::account::reauthenticate::{Reauthentication, RecentSignIn};
use crate::db::account::refusal::AccountRefusal;
use crate::db::account::update;
use crate::db::account::update::{AccountChanges, UpdateRequest};
use crate::db::mail::request::{LinkOrigin, MailLimits};
use crate::db::session::sessions;
use crate::domain::account::email_address::EmailAddress;
use crate::domain::credential::one_time_token::{BrowserToken, TokenKind};
use crate::domain::credential::password::Password;
use crate::domain::credential::pkce::CodeChallenge;
use crate::domain::locale::Locale;
use crate::domain::policy;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::reauthentication::{Fresh, ReauthenticationInput, has_proof};
use crate::flows::address;
use crate::flows::after_response;
use crate::flows::mail::email_change;
use crate::flows::mail::plan;
use crate::flows::mail::plan::MailPlan;
use crate::flows::mail::request::origin;
use crate::flows::session;
use crate::host;
use crate::http::answer::AccountId;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::{Json, Query};
use crate::http::metadata::check_metadata;
use crate::http::redirect::RedirectTo;
use crate::http::signed_in::SignedIn;
use crate::http::{objects, page};

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[
    Code::Conflict.failure(),
    Code::CurrentPasswordInvalid.failure(),
    Code::CurrentPasswordRequired.failure(),
    Code::EmailAddressInvalid.failure(),
    Code::EmailAddressNotAuthorized.failure(),
    Code::NotAdmin.failure(),
    Code::OverCapacity.failure(),
    Code::OverEmailSendRateLimit.failure(),
    Code::OverRequestRateLimit.failure(),
    Code::PhoneProviderDisabled.failure(),
    Code::ReauthenticationNotValid.failure(),
    Code::SamePassword.failure(),
    Code::WeakPassword.failure(),
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
    /// Instead of the current password: the code that `GET /reauthenticate` mailed.
    #[schema(example = "123456")]
    nonce: Option<String>,
    /// The new address. It counts once the current and the new mailbox have both agreed.
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// Merged into `user_metadata`; null removes a member.
    #[schema(value_type = Option<Object>)]
    data: Option<Map<String, Value>>,
    /// Not offered.
    phone: Option<String>,
    /// Only an operator sets it.
    #[schema(value_type = Option<Object>)]
    app_metadata: Option<Value>,
    /// PKCE, for the link to the new address.
    code_challenge: Option<String>,
    /// `s256` or `plain`.
    code_challenge_method: Option<String>,
}

/// Changes the account.
///
/// 1. Checks the request. A new password takes the current one, or a mailed code, unless somebody
///    signed in by a mailed link or code a moment ago.
/// 2. Verifies the current password, which takes a statement, and hashes the new one.
/// 3. One statement changes it all. A new password ends the other sessions and open links; a new
///    address gets its mails, and whether it has an account already, only its owner is told.
#[utoipa::path(
    put, path = "/auth/v1/user", tag = "User", summary = "Change my account",
    description = "With a new password all other sessions and open links of the user end. A new address is confirmed from both \
        mailboxes, in either order; until then it is `new_email`.",
    request_body(content = Request, examples(
        ("data" = (summary = "What the user says of themselves", value = json!({ "data": { "locale": "ru" } }))),
        ("password" = (summary = "A new password", value = json!({
            "password": "another horse battery staple", "current_password": "correct horse battery staple",
        }))),
        ("email" = (summary = "A new address", value = json!({
            "email": "ada@example.org", "current_password": "correct horse battery staple",
        }))),
    )),
    params(("redirect_to" = Option<String>, Query, description = "Where to go after confirming the new address")),
    responses((status = 200, description = "Changed", body = objects::User)),
)]
pub async fn handle(
    signed_in: SignedIn,
    Query(parameters): Query<RedirectTo>,
    Json(request): Json<Request>,
) -> Result<Response, Error> {
    let SignedIn { claims, call } = &signed_in;
    let (app, now) = (&call.app, call.now);
    // 1
    if request.app_metadata.is_some() {
        return Err(Error::with_message(Code::NotAdmin, "Updating app_metadata requires admin privileges"));
    }
    if request.phone.as_deref().is_some_and(|phone| !phone.is_empty()) {
        return Err(Code::PhoneProviderDisabled.into());
    }
    let challenge = CodeChallenge::parse(request.code_challenge.as_deref(), request.code_challenge_method.as_deref())?;
    let config = app.config();
    let current_address = match claims.email.as_str() {
        "" => None,
        email => Some(EmailAddress::parse(email).map_err(Error::unexpected)?),
    };
    let new_address = new_address(app, request.email.as_deref(), current_address.as_ref()).await?;
    let data = request.data.map(Value::Object);
    if let Some(data) = &data {
        check_metadata(data)?;
    }
    let nothing = request.password.is_none() && request.email.is_none() && data.is_none();
    if nothing {
        return unchanged(&signed_in).await;
    }
    let its_address = new_address.as_ref().or(current_address.as_ref());
    let password = match &request.password {
        Some(password) => Some(new_password(app, password, request.current_password.as_deref(), its_address)?),
        None => None,
    };
    let input = ReauthenticationInput {
        current_password: request.current_password.as_deref(),
        nonce: request.nonce.as_deref(),
    };
    if password.is_some() && !has_proof(claims, &input, Fresh::ByMail, now) {
        return Err(Code::CurrentPasswordRequired.into());
    }
    let hashes = usize::from(password.is_some()) * (1 + usize::from(input.current_password.is_some()));
    let mut slot = match hashes {
        0 => None,
        hashes => Some(call.hash_slot(hashes)?),
    };

    // 2
    let (mut db, session) = signed_in.connect(AssuranceLevel::Aal1).await?;
    let audit = call.audit();
    let mut mail_plan = MailPlan::new(app, now);
    let (reauthentication, new_hash) = match &password {
        Some(password) => {
            let reauthentication =
                session::reauthenticate(app, &mut db, claims, &session, &input, slot.as_mut(), &audit).await?;
            mail_plan.prepare_password_changed(&call.caller)?;
            let hash = app.parts.hasher.hash(password, host::random(app.entropy.as_ref()));
            (reauthentication, Some(hash))
        }
        None => (Reauthentication::Fresh { fresh: RecentSignIn::SignIn }, None),
    };

    // 3
    let browser = BrowserToken::from_entropy(host::random(app.entropy.as_ref()));
    if let Some(new) = &new_address {
        let origin = LinkOrigin {
            browser_digest: Some(*browser.digest().as_bytes()),
            ..origin(app, &call.caller, challenge, parameters.redirect_to.as_deref())
        };
        email_change::prepare(&mut mail_plan, current_address.as_ref(), new, origin)?;
    }
    let mail_limits = new_address.as_ref().map(|address| MailLimits {
        also: current_address.iter().map(|current| plan::recipient(app, TokenKind::EmailChangeNew, current)).collect(),
        ..plan::mail_limits(app, TokenKind::EmailChangeNew, address, &audit)
    });
    let update = UpdateRequest {
        changes: AccountChanges {
            new_hash: new_hash.as_deref(),
            email: new_address.as_ref().map(EmailAddress::as_str),
            metadata: data.as_ref(),
            locale: data.as_ref().and_then(Locale::from_metadata).map(Locale::as_str),
            metadata_max_bytes: policy::METADATA_MAX_BYTES,
        },
        reauthentication: &reauthentication,
        counter: session::counter(app, claims),
        mail_limits: mail_limits.as_ref(),
        links: &mail_plan.links,
        prepared_mails: &mail_plan.prepared_mails,
    };
    let updated = update::update(&mut db, &session, &update, &audit).await?.map_err(|refusal| match refusal {
        AccountRefusal::NoAddress => no_address(),
        refusal => refusal.into(),
    })?;
    after_response::in_background(app, db, updated.ended, mail_plan.deliveries(updated.mails));
    let body = axum::Json(objects::User::new(&updated.account, &config.tokens.audience, now));
    let mut response = (Extension(AccountId(claims.sub)), body).into_response();
    if new_address.is_some() {
        let cookie = page::bind_browser(&browser, TokenKind::EmailChangeNew.lifetime());
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The account as it is, where there is nothing to change.
async fn unchanged(signed_in: &SignedIn) -> Result<Response, Error> {
    let (mut db, session) = signed_in.connect(AssuranceLevel::Aal1).await?;
    let user = sessions::user(&mut db, &session).await??;
    let SignedIn { call, .. } = signed_in;
    let body = axum::Json(objects::User::new(&user, &call.app.config().tokens.audience, call.now));
    Ok((Extension(AccountId(user.id)), body).into_response())
}

/// The new address, unless it is the current one in another writing.
async fn new_address(
    app: &App,
    typed: Option<&str>,
    current: Option<&EmailAddress>,
) -> Result<Option<EmailAddress>, Error> {
    let Some(typed) = typed.filter(|typed| !typed.is_empty()) else { return Ok(None) };
    let parsed = EmailAddress::parse(typed)?;
    if current.is_some_and(|current| current.key() == parsed.key()) {
        return Ok(None);
    }
    Ok(Some(address::accept(app, typed).await?))
}

/// The new password, if an account with this address may have it.
fn new_password(
    app: &App,
    typed: &str,
    current: Option<&str>,
    address: Option<&EmailAddress>,
) -> Result<Password, Error> {
    let password = Password::parse(typed)?;
    let same = current.and_then(|current| Password::parse(current).ok());
    if same.is_some_and(|current| current.expose() == password.expose()) {
        return Err(Code::SamePassword.into());
    }
    let address = address.ok_or_else(no_address)?;
    password.check(&app.config().passwords.policy, address)?;
    Ok(password)
}

fn no_address() -> Error {
    Error::invalid("Updating password of an anonymous user without an email is not allowed")
}
