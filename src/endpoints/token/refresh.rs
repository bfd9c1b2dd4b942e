//! `POST /token?grant_type=refresh_token`: the next access token and refresh token of a session.

use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{SESSION_NOT_FOUND, USER_BANNED};
use crate::db::session::refresh;
use crate::db::session::refresh::{RefreshRequest, Refreshed, ReuseNotice};
use crate::domain::mail::message::Message;
use crate::domain::policy;
use crate::domain::session::user_agent::Device;
use crate::domain::token::refresh_token::RefreshToken;
use crate::flows::after_response;
use crate::flows::mail::plan::MailPlan;
use crate::flows::revocation;
use crate::flows::revocation::RevocationLookupError;
use crate::http::call::Call;
use crate::http::error::{Code, Error, Failure};
use crate::log::Event;

/// What continues a session.
#[derive(Deserialize, ToSchema)]
#[schema(as = RefreshTokenGrant)]
pub struct Request {
    /// The newest `refresh_token` of the session.
    #[schema(value_type = String, required = true)]
    refresh_token: Option<String>,
}

/// Continues a session.
///
/// 1. Checks the token's MAC. What we did not make is refused here, without asking anybody.
/// 2. Asks KV, briefly: a revoked session is refused without the database. A miss or a failure
///    means nothing.
/// 3. One statement decides what the token is worth, and rotates it, or ends the session and queues
///    the reuse notice.
/// 4. Answers with the next tokens; after a replay ends the session for others too, and tells the
///    owner.
pub async fn handle(call: &Call, request: Request) -> Result<Response, Error> {
    let (app, now) = (&call.app, call.now);
    // 1
    let Some(text) = request.refresh_token else {
        return Err(Error::invalid("Refreshing takes refresh_token"));
    };
    let config = app.config();
    let token = RefreshToken::parse(&text, &config.tokens.auth_secrets)
        .map_err(|problem| Error::from(Code::RefreshTokenNotFound).because(problem))?;

    // 2
    match revocation::is_listed(app, token.session_id, policy::REVOCATION_TIMEOUT_ON_REFRESH).await {
        Ok(true) => return Err(Error::from(SESSION_NOT_FOUND).because("revoked, says the list")),
        Ok(false) => {}
        // Nothing is wrong with that: hardly any location has heard of a session before, so KV has
        // to look far.
        Err(RevocationLookupError::Timeout) => app.log(Event::info("revocation_list_slow")),
        Err(problem) => app.log(Event::warn("revocation_list_failed").field("error.cause", problem.to_string())),
    }

    // 3
    let mut mail_plan = MailPlan::new(app, now);
    let reuse_notice = Message::SessionReplayed {
        at: now,
        device: Device::parse(call.caller.user_agent.as_deref().unwrap_or_default()),
        ip: call.caller.ip,
        site_url: config.site.site_url.to_string(),
    };
    mail_plan.prepare(reuse_notice, policy::NOTICE_LIFETIME)?;
    let request = RefreshRequest {
        token,
        now,
        idle_since: now - config.sessions.inactivity,
        reuse_interval: config.sessions.reuse_interval,
        audit: call.audit(),
        reuse_notice: ReuseNotice {
            prepared_mails: &mail_plan.prepared_mails,
            unless_since: now - policy::REPLAY_MAIL_INTERVAL,
        },
    };
    let mut db = call.connect().await?;
    let refreshed = refresh::refresh(&mut db, &request).await?;

    // 4
    let refused = |failure: Failure| Err(Error::from(failure).because(format!("session {}", token.session_id)));
    match refreshed {
        Refreshed::Rotated(user, session) => Ok(call.answer_with_session(&user, &session)),
        Refreshed::NoSession => refused(SESSION_NOT_FOUND),
        Refreshed::Expired => refused(Code::SessionExpired.failure()),
        Refreshed::Banned => refused(USER_BANNED),
        Refreshed::NotIssuedHere => refused(Code::RefreshTokenNotFound.failure()),
        Refreshed::Replayed(mails) => {
            after_response::in_background(app, db, vec![token.session_id], mail_plan.deliveries(mails));
            Err(Error::from(Code::RefreshTokenAlreadyUsed).because(format!("replayed in session {}", token.session_id)))
        }
    }
}
