//! Mirrors `src/config/sessions.rs`: bounds.

use super::bounded;

#[test]
fn lifetimes_and_counts_have_bounds() {
    bounded("SESSION_MAX_DAYS", 1, 365);
    bounded("SESSION_INACTIVITY_DAYS", 1, 365);
    bounded("REFRESH_REUSE_INTERVAL", 0, 300);
    bounded("SESSIONS_PER_USER", 1, 1000);
}
