//! `POST /verify`: uses a code from a mail, or a link's token that an app's own page hands over.
//! What that does depends on what the mail was for. Not here: the page behind the mailed link
//! itself (`confirm_page.rs`, `confirm_form.rs`).

use axum::Extension;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::config::ConfirmSameBrowser;
use crate::db::link::links;
use crate::db::link::links::{CodeUse, LinkProof, LinkUse, OpenLink, ThrottledPassword};
use crate::domain::account::email_address::EmailAddress;
use crate::domain::counter::{Counted, counter_key};
use crate::domain::credential::one_time_token::{LinkToken, OneTimeCode, TokenKind};
use crate::domain::credential::password::Password;
use crate::domain::credential::password_hash::Verification;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::session::AuthenticationMethod;
use crate::flows::after_response;
use crate::flows::mail::plan::MailPlan;
use crate::flows::session::new_session;
use crate::http::answer::AccountId;
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::http::extract::{Json, given};
use crate::http::{applied_link, objects};

/// How this call can fail of itself.
pub const FAILURES: &[Failure] = &[
    Code::EmailAddressInvalid.failure(),
    Code::OtpExpired.failure(),
    Code::OverCapacity.failure(),
    Code::OverRequestRateLimit.failure(),
    Code::PhoneProviderDisabled.failure(),
];

/// What the link or code is for.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum VerifyType {
    /// Confirming the address that signed up; a sign-in by mail, too.
    Signup,
    /// Signing in by mail; confirming the address that signed up, too.
    Magiclink,
    /// Confirming the address that signed up, or signing in by mail.
    Email,
    /// Accepting an invitation.
    Invite,
    /// Recovering the account.
    Recovery,
    /// Agreeing to a change of address, from either of its two mailboxes.
    EmailChange,
    /// Agreeing to a change of address, as a link to the current mailbox calls it.
    EmailChangeCurrent,
    /// Agreeing to a change of address, as a link to the new mailbox calls it.
    EmailChangeNew,
}

/// What came with the mail: `token` (the code) with `email`, or `token_hash` (the link's token)
/// without.
#[derive(Deserialize, ToSchema)]
#[schema(as = Verify)]
pub struct Request {
    /// `signup`, `magiclink`, `invite`, `email` (any of these), `recovery`, or `email_change`,
    /// `email_change_current`, `email_change_new` (any of these).
    #[serde(rename = "type")]
    #[schema(value_type = VerifyType, required = true)]
    kind: Option<String>,
    /// The 6-digit code.
    #[schema(example = "123456")]
    token: Option<String>,
    /// Address the code was sent to.
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    /// The `token` parameter of the mailed link.
    token_hash: Option<String>,
    /// With `token_hash`, where `CONFIRM_SAME_BROWSER=strict`: the password of the account.
    password: Option<String>,
    /// Not offered.
    phone: Option<String>,
}

/// Uses a code or link.
///
/// 1. Reads which of the two it is, and what for.
/// 2. One statement uses it up (a wrong code is counted against it), does what it is for and opens
///    the session.
#[utoipa::path(
    post, path = "/auth/v1/verify", tag = "Sign up", summary = "Use a code or link from a mail",
    description = "Confirms the address, recovers the account, or agrees to a change of address; \
        and signs in. Of the two mailboxes of a change the first one to agree gets a message \
        instead. A code dies after 5 wrong tries in 24 hours. With `CONFIRM_SAME_BROWSER=strict` a \
        `token_hash` that claims an address confirms, and answers with the user instead of a \
        session, unless the password comes with it.",
    request_body(content = Request, examples(
        ("code" = (summary = "A sign-up's code", value = json!({
            "type": "signup", "email": "ada@example.com", "token": "123456",
        }))),
        ("recovery" = (summary = "A recovery's code", value = json!({
            "type": "recovery", "email": "ada@example.com", "token": "123456",
        }))),
        ("link" = (summary = "A link's token", value = json!({
            "type": "signup", "token_hash": "y8Yq2p0mXJ6d3m1hC0mJ4yA7yq3vVJYw0kq1Q2m5b8E",
        }))),
    )),
    responses((status = 200, description = "Done; signed in, if that is what it is for", body = objects::Verified)),
)]
pub async fn handle(call: Call, Json(request): Json<Request>) -> Result<Response, Error> {
    // 1
    let kinds: &[TokenKind] = match request.kind.as_deref() {
        // Clients of different ages call these two by different names; both sign in. So does an
        // invitation.
        Some("signup" | "magiclink" | "email" | "invite") => &[TokenKind::Signup, TokenKind::MagicLink],
        Some("recovery") => &[TokenKind::Recovery],
        // The last two as `POST /admin/generate_link` calls them.
        Some("email_change" | "email_change_current" | "email_change_new") => {
            &[TokenKind::EmailChangeCurrent, TokenKind::EmailChangeNew]
        }
        Some("sms" | "phone_change") => return Err(Code::PhoneProviderDisabled.into()),
        Some(_) => return Err(Error::invalid("type is not a kind of link or code that there is")),
        None => return Err(Error::invalid("Verify requires a verification type")),
    };
    // 2
    match (given(request.token), given(request.email), given(request.token_hash)) {
        (Some(code), Some(email), None) => by_code(&call, kinds, &code, &email).await,
        (None, None, Some(token)) => by_link(&call, kinds, &token, request.password.as_deref()).await,
        (Some(_), None, None) if given(request.phone).is_some() => Err(Code::PhoneProviderDisabled.into()),
        (_, _, Some(_)) => Err(Error::invalid("Only the token_hash and type should be provided")),
        _ => Err(Error::invalid("Verify requires either a token with an email, or a token_hash")),
    }
}

async fn by_code(call: &Call, kinds: &[TokenKind], code: &str, email: &str) -> Result<Response, Error> {
    let (app, now) = (&call.app, call.now);
    let address = EmailAddress::parse(email)?;
    let code = OneTimeCode::parse(code).ok_or(Code::OtpExpired)?;
    let secrets = &app.config().tokens.auth_secrets;
    let digests: Vec<[u8; 32]> = kinds.iter().flat_map(|kind| code.digests(secrets, *kind, address.key())).collect();
    let session = new_session(app, AssuranceLevel::Aal1, AuthenticationMethod::Otp, call.audit(), now);
    let mut mail_plan = MailPlan::new(app, now);
    mail_plan.prepare_new_device(&call.caller)?;
    let changes_address = kinds.contains(&TokenKind::EmailChangeNew);
    let code = CodeUse {
        email_key: address.key(),
        counter: changes_address.then(|| counter_key(secrets, Counted::AddressCode, address.key())),
        kinds,
        digests: &digests,
        session: &session,
        prepared_mails: &mail_plan.prepared_mails,
    };
    let mut db = call.connect().await?;
    let applied = links::consume_code(&mut db, &code, now).await?.ok_or(Code::OtpExpired)?;
    applied_link::answer(call, db, applied, &session, mail_plan)
}

async fn by_link(call: &Call, kinds: &[TokenKind], token: &str, password: Option<&str>) -> Result<Response, Error> {
    let (app, now) = (&call.app, call.now);
    let token_digest = *LinkToken::parse(token).ok_or(Code::OtpExpired)?.digest().as_bytes();
    let session = new_session(app, AssuranceLevel::Aal1, AuthenticationMethod::Otp, call.audit(), now);
    let mut mail_plan = MailPlan::new(app, now);
    mail_plan.prepare_new_device(&call.caller)?;
    let mut db = call.connect().await?;
    let mut verified = None;
    let mut signs_in = true;
    if app.config().accounts.confirm_same_browser == ConfirmSameBrowser::Strict {
        let guess = password.map(|_| ThrottledPassword::new(call.request_id));
        let link = links::look(&mut db, token_digest, None, guess.as_ref(), now).await?.ok_or(Code::OtpExpired)?;
        if link.wait > 0 {
            return Err(Error::wait(Code::OverRequestRateLimit, link.wait));
        }
        if link.kind.claims_address() {
            verified = password.map(|password| verified_hash(call, &link, password)).transpose()?;
            signs_in = verified.is_some();
        }
    }
    let link = LinkUse {
        token_digest,
        kinds,
        proof: verified.as_deref().map_or(LinkProof::None, LinkProof::Password),
        signs_in,
        session: &session,
        prepared_mails: &mail_plan.prepared_mails,
    };
    let applied = links::consume_link(&mut db, &link, now).await?.ok_or(Code::OtpExpired)?;
    if signs_in {
        return applied_link::answer(call, db, applied, &session, mail_plan);
    }
    after_response::in_background(app, db, applied.ended, mail_plan.deliveries(applied.mails));
    let body = objects::User::new(&applied.account, &app.config().tokens.audience, now);
    Ok((Extension(AccountId(applied.account.id)), axum::Json(body)).into_response())
}

/// The stored hash that `password` was found right against. A wrong one leaves the link as it is.
fn verified_hash(call: &Call, link: &OpenLink, password: &str) -> Result<String, Error> {
    let mut slot = call.hash_slot(1)?;
    let password = Password::parse(password).map_err(|_| Code::OtpExpired)?;
    let hash = link.password_hash.as_ref().ok_or(Code::OtpExpired)?;
    match call.app.verify_password(&mut slot, &password, hash).map_err(Error::unexpected)? {
        Verification::Right { .. } => Ok(hash.clone()),
        Verification::Wrong => Err(Error::from(Code::OtpExpired).because("wrong password")),
    }
}
