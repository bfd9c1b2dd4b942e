//! `POST /token?grant_type=pkce`: exchanges the code that a mailed link was traded for, together
//! with the verifier that the asking app kept, for what the link does.
//!
//! The verifier shows that the app which exchanges the code asked for the mail, as the cookie shows
//! it for our own pages. So this confirms even a sign-up at once, which a link alone does not
//! (`edgegate.consume_link`).

use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::USER_BANNED;
use crate::db::link::auth_codes;
use crate::db::link::auth_codes::Exchanged;
use crate::db::link::links::AppliedLink;
use crate::domain::credential::pkce::{AuthCode, challenge_of};
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::session::AuthenticationMethod;
use crate::flows::mail::plan::MailPlan;
use crate::flows::session::new_session;
use crate::http::applied_link;
use crate::http::call::Call;
use crate::http::error::{Code, Error};
use crate::http::extract::given;

/// A PKCE code and its verifier.
#[derive(Deserialize, ToSchema)]
#[schema(as = CodeExchange)]
pub struct Request {
    /// The `code` that the link led back with.
    #[schema(value_type = String, required = true)]
    auth_code: Option<String>,
    /// The verifier whose challenge went with the request for the mail.
    #[schema(value_type = String, required = true)]
    code_verifier: Option<String>,
}

/// Exchanges a code.
///
/// 1. Reads both halves: what cannot be one is refused here.
/// 2. One statement uses up the link behind the code, does what it does, and opens the session.
pub async fn handle(call: &Call, request: Request) -> Result<Response, Error> {
    // 1
    let (Some(code), Some(verifier)) = (given(request.auth_code), given(request.code_verifier)) else {
        return Err(Error::invalid("invalid request: both auth code and code verifier should be non-empty"));
    };
    let code = AuthCode::parse(&code).ok_or(Code::FlowStateNotFound)?;
    let challenge = challenge_of(&verifier).ok_or(Code::BadCodeVerifier)?;
    let (app, now) = (&call.app, call.now);
    let session = new_session(app, AssuranceLevel::Aal1, AuthenticationMethod::Otp, call.audit(), now);
    let mut mail_plan = MailPlan::new(app, now);
    mail_plan.prepare_new_device(&call.caller)?;

    // 2
    let mut db = call.connect().await?;
    let exchanged =
        auth_codes::exchange(&mut db, code.digest(), &challenge, &session, &mail_plan.prepared_mails, now).await?;
    let applied: AppliedLink = match exchanged {
        Exchanged::Done(applied) => *applied,
        Exchanged::Unknown => return Err(Code::FlowStateNotFound.into()),
        Exchanged::Expired => return Err(Code::FlowStateExpired.into()),
        Exchanged::Used => return Err(Code::FlowStateAlreadyUsed.into()),
        Exchanged::WrongVerifier => return Err(Code::BadCodeVerifier.into()),
        Exchanged::Banned => return Err(USER_BANNED.into()),
    };
    applied_link::answer(call, db, applied, &session, mail_plan)
}
