//! When a mail is tried again after a failed delivery. Not here: waits after wrong passwords and
//! between mails; those are tables in [`crate::domain::policy`] that SQL reads.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::policy;

/// When to try a mail again that was queued at `queued_at` and has now failed `failed_attempts`
/// times (at least 1). The wait doubles from 30 s to an hour; 16 random bits move it by up to
/// [`policy::MAIL_RETRY_JITTER_PERCENT`] either way. `None` means: give up, since the next attempt
/// would come more than a day after queueing.
#[must_use]
pub fn next_mail_attempt(
    failed_attempts: u32,
    queued_at: DateTime<Utc>,
    now: DateTime<Utc>,
    entropy: u16,
) -> Option<DateTime<Utc>> {
    let doublings = failed_attempts.saturating_sub(1);
    let delay = 2_i32
        .checked_pow(doublings)
        .and_then(|factor| policy::MAIL_FIRST_RETRY.checked_mul(factor))
        .map_or(policy::MAIL_MAX_RETRY, |delay| delay.min(policy::MAIL_MAX_RETRY));
    let next = now.checked_add_signed(jittered(delay, entropy))?;
    (next.signed_duration_since(queued_at) <= policy::MAIL_GIVE_UP_AFTER).then_some(next)
}

/// `delay` plus or minus up to [`policy::MAIL_RETRY_JITTER_PERCENT`] of it: the least for entropy
/// 0, the most for 65 535.
fn jittered(delay: TimeDelta, entropy: u16) -> TimeDelta {
    let delay_ms = delay.num_milliseconds();
    let spread_ms = delay_ms * policy::MAIL_RETRY_JITTER_PERCENT / 100;
    TimeDelta::milliseconds(delay_ms - spread_ms + 2 * spread_ms * i64::from(entropy) / i64::from(u16::MAX))
}
