//! A session about to be opened, by whatever way of signing in. Not here: opening it, which a
//! statement does.

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::db::audit::AuditContext;
use crate::db::session::sessions::NewSession;
use crate::domain::session::assurance::AssuranceLevel;
use crate::domain::session::session::{AuthenticationMethod, AuthenticationReference, Session};
use crate::host;

/// A session to open at `now`, proved by `method`, which reaches `level`.
#[must_use]
pub fn new_session<'a>(
    app: &App,
    level: AssuranceLevel,
    method: AuthenticationMethod,
    audit: AuditContext<'a>,
    now: DateTime<Utc>,
) -> NewSession<'a> {
    NewSession {
        session: Session {
            id: host::random_id(app.entropy.as_ref()),
            generation: 0,
            aal: level,
            amr: vec![AuthenticationReference { method, timestamp: now }],
            expires_at: now + app.config().sessions.lifetime,
        },
        audit,
        idle_since: now - app.config().sessions.inactivity,
        most: app.config().sessions.per_user,
    }
}
