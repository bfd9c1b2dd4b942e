//! How long rows are kept, and how many one sweep removes.

use chrono::TimeDelta;

/// How long a counter of attempts is kept after its last attempt: 2 days, longer than any streak is
/// remembered.
pub const ATTEMPTS_KEPT: TimeDelta = TimeDelta::days(2);

/// How long a mail stays in the outbox after it was sent or given up: 7 days, to answer "did you
/// send it?". Its secrets are wiped once it is sent, or once its link has died.
pub const FINISHED_MAIL_KEPT: TimeDelta = TimeDelta::days(7);

/// How long the row of a session is kept after its end: 7 days, to answer "was I signed in there?".
/// Its tokens are refused with or without it.
pub const ENDED_SESSION_KEPT: TimeDelta = TimeDelta::days(7);

/// How long an account is kept that nobody confirmed: 30 days after sign-up, long after its link
/// has died. Then the address is as if it had never signed up. Source: SECURITY.md T-73.
pub const UNCONFIRMED_ACCOUNT_KEPT: TimeDelta = TimeDelta::days(30);

/// How long audit events are kept: 365 days.
pub const AUDIT_EVENT_KEPT: TimeDelta = TimeDelta::days(365);

/// The most rows of each kind that one statement removes: 1000, well below Hyperdrive's 60 s for a
/// statement.
pub const HOUSEKEEPING_BATCH: i64 = 1000;

/// How long one run of the Cron Trigger goes on removing rows: 15 seconds. What a flood of guesses
/// leaves behind is removed faster than it comes, and mail still has its time in the same minute.
pub const HOUSEKEEPING_BUDGET: TimeDelta = TimeDelta::seconds(15);
