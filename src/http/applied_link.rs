//! What using a mailed link or code is answered with, by `POST /verify` and by exchanging a PKCE
//! code.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::AccountId;
use super::call::Call;
use super::error::{Code, Error};
use crate::db::Connection;
use crate::db::link::links::{AppliedLink, Effect};
use crate::db::session::sessions::NewSession;
use crate::flows::after_response;
use crate::flows::mail::plan::MailPlan;

/// Answers with the session, or of a change of address that half is done; what follows from it is
/// done after the response.
///
/// # Errors
/// [`Code::OtpExpired`] if an address that was to be changed to has become somebody else's.
pub fn answer(
    call: &Call,
    db: Connection<'_>,
    applied: AppliedLink,
    session: &NewSession<'_>,
    mail_plan: MailPlan<'_>,
) -> Result<Response, Error> {
    let user = applied.account;
    after_response::in_background(&call.app, db, applied.ended, mail_plan.deliveries(applied.mails));
    match applied.effect {
        Effect::Confirmed | Effect::SignedIn | Effect::Recovered | Effect::Changed => {
            Ok(call.answer_with_session(&user, &session.session))
        }
        Effect::HalfDone => {
            let body = json!({
                "msg": "Confirmation link accepted. Please proceed to confirm link sent to the other email",
                "code": "200",
            });
            Ok((Extension(AccountId(user.id)), axum::Json(body)).into_response())
        }
        Effect::Taken | Effect::Undone => Err(Error::from(Code::OtpExpired).because("the address is taken")),
    }
}
