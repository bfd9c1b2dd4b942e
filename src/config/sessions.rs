//! Sessions: how long they last, and how many an account may have.

use chrono::TimeDelta;

use super::reader::Reader;
use crate::domain::policy;

/// How long sessions last, and how many there may be.
pub struct SessionSettings {
    /// Absolute lifetime of a session.
    pub lifetime: TimeDelta,
    /// A session not refreshed for so long is over.
    pub inactivity: TimeDelta,
    /// How long the refresh token before the current one still gets the current one.
    pub reuse_interval: TimeDelta,
    /// How many sessions an account may have; then the oldest ends.
    pub per_user: i32,
}

impl Reader<'_> {
    pub(super) fn sessions(&mut self) -> SessionSettings {
        let days = self.number("SESSION_MAX_DAYS", policy::SESSION_MAX_DAYS, 1..=365);
        let inactive_days = self.number("SESSION_INACTIVITY_DAYS", policy::SESSION_INACTIVITY_DAYS, 1..=365);
        let reuse_seconds = self.number("REFRESH_REUSE_INTERVAL", policy::REFRESH_REUSE_SECONDS, 0..=300);
        let per_user = self.number("SESSIONS_PER_USER", policy::SESSIONS_PER_USER, 1..=1_000);
        SessionSettings {
            lifetime: TimeDelta::days(days),
            inactivity: TimeDelta::days(inactive_days),
            reuse_interval: TimeDelta::seconds(reuse_seconds),
            per_user,
        }
    }
}
