//! One call: what every handler is given, whatever it does. The application, who is calling, when,
//! and under which id. Not here: who a caller proves to be (`signed_in.rs`, `administrator.rs`).
//!
//! Who is calling is read from what the edge vouches for. Headers that a client can set decide
//! nothing here.

use std::sync::Arc;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::answer::AccountId;
use super::error::{Code, Error};
use super::extract::text;
use super::objects;
use crate::app::{App, HashSlot};
use crate::db;
use crate::db::Connection;
use crate::db::audit::AuditContext;
use crate::domain::account::user::User;
use crate::domain::caller::Caller;
use crate::domain::session::session::Session;
use crate::flows::session::issue_tokens;
use crate::host;
use crate::log::Event;

/// Set by Cloudflare's edge, which overwrites whatever the client sent. Source:
/// <https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-connecting-ip>
const CONNECTING_IP: &str = "cf-connecting-ip";

/// The longest `User-Agent` that is kept, in characters.
const USER_AGENT_MAX_CHARS: usize = 512;

/// One call. Handlers take it as an argument; the middleware in `answer.rs` has made it.
#[derive(Clone)]
pub struct Call {
    /// The application. Whatever it logs, also after the answer, carries the id of the call.
    pub app: Arc<App>,
    /// Who is calling, as far as the connection tells.
    pub caller: Caller,
    /// When the call came. Read once, so that all of it happens at one time.
    pub now: DateTime<Utc>,
    /// The id in `x-request-id`, in the log, and of the call's audit record.
    pub request_id: Uuid,
}

impl Call {
    /// A call that comes now, with these headers.
    pub(super) fn begin(app: &App, headers: &HeaderMap) -> Self {
        let request_id = host::random_id(app.entropy.as_ref());
        let ip = text(headers, CONNECTING_IP).and_then(|text| text.parse().ok());
        let user_agent = text(headers, header::USER_AGENT.as_str())
            .map(|agent| agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_MAX_CHARS).collect());
        let app = Arc::new(app.for_request(request_id));
        Self { now: app.clock.now(), app, caller: Caller { ip, user_agent }, request_id }
    }

    /// A connection for a call that anybody may make. One of a user's is given out by
    /// [`SignedIn::connect`](super::signed_in::SignedIn::connect), one of an administrator's by
    /// [`Administrator::connect`](super::administrator::Administrator::connect).
    ///
    /// # Errors
    /// [`db::Error::Connect`].
    pub async fn connect(&self) -> Result<Connection<'_>, db::Error> {
        Connection::open(self.app.database.as_ref()).await
    }

    /// The right to hash `count` times.
    ///
    /// # Errors
    /// [`Code::OverCapacity`] while too many other calls hash.
    pub fn hash_slot(&self, count: usize) -> Result<HashSlot, Error> {
        let limit = self.app.config().passwords.hashes_in_flight;
        let took = self.app.parts.hash_slots.take(&self.caller.network(), count, limit, self.app.clock.now());
        took.map_err(|full| {
            if full.is_first {
                self.log(Event::warn("hash_slots_full").field("error.cause", full.to_string()));
            }
            Error::from(Code::OverCapacity).because(full)
        })
    }

    /// What statements write down about this call.
    #[must_use]
    pub const fn audit(&self) -> AuditContext<'_> {
        AuditContext::new(self.request_id, &self.caller)
    }

    /// Writes a log event, with the id of this call.
    pub fn log(&self, event: Event) {
        self.app.log(event);
    }

    /// The tokens of a session that lives, as the answer.
    #[must_use]
    pub fn answer_with_session(&self, user: &User, session: &Session) -> Response {
        (Extension(AccountId(user.id)), axum::Json(self.session_object(user, session))).into_response()
    }

    /// The tokens of a session that lives, as the wire has them.
    #[must_use]
    pub fn session_object(&self, user: &User, session: &Session) -> objects::Session {
        let tokens = issue_tokens(&self.app, user, session, self.now);
        objects::Session::new(tokens, objects::User::new(user, &self.app.config().tokens.audience, self.now))
    }
}

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get().cloned().ok_or_else(|| Error::unexpected("a route outside of the middleware"))
    }
}
