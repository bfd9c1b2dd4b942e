//! Links and codes in mail: how long they work, and how many wrong ones there may be.

use chrono::TimeDelta;

/// How long a link or code that confirms an address works: 24 hours. A mail may be read the next
/// day. Source: NIST §4.2.2 (24 h for a code sent by e-mail).
pub const CONFIRMATION_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// How long an invitation works: 24 hours. It goes to somebody who is not waiting for it. Source:
/// NIST §4.2.2 (24 h for a code sent by e-mail).
pub const INVITATION_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// How long a password-recovery link or code works: 1 hour. It is a credential lying in a mailbox.
/// Source: OWASP Forgot Password cheat sheet ("expire after an appropriate period").
pub const RECOVERY_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// How long a link or code that signs in works: 10 minutes. Source: ASVS 6.5.5, NIST §3.1.3.
pub const SIGN_IN_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// How long a change of address can be taken back from the mailbox it left: 7 days, for those who
/// read mail once a week.
pub const EMAIL_CHANGE_UNDO_LIFETIME: TimeDelta = TimeDelta::days(7);

/// How long the code that a link was traded for can be exchanged: 5 minutes, counted from the
/// click. Source: Supabase Auth's default of `FLOW_STATE_EXPIRY_DURATION`; RFC 9700 (10 minutes at
/// most).
pub const AUTH_CODE_LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// How long a sign-in is proof enough of who one is: 10 minutes. For deleting the account whatever
/// the method; for a new password only after a mailed link or code, which proves as much as
/// recovering the account would. Source: ASVS 7.5.1, 6.2.3, 6.5.5; NIST §3.1.3.
pub const FRESH_SIGN_IN: TimeDelta = TimeDelta::minutes(10);

/// Digits of a code: 6, that is 19.9 bits. Source: NIST §3.1.3.2 ("at least six decimal digits");
/// ASVS 6.5.4. So few bits are enough only together with [`CODE_MAX_ATTEMPTS`].
pub const CODE_DIGITS: u32 = 6;

/// Wrong codes per account and kind within [`CODE_FAILURES_WINDOW`] before codes are refused: 5.
/// A new code does not reset the count. The chance of guessing is 5 in a million a day.
/// Source: NIST §3.2.2; ASVS 6.6.3.
pub const CODE_MAX_ATTEMPTS: i32 = 5;

/// The window in which wrong codes are counted: 24 hours, the life of the longest-lived code.
pub const CODE_FAILURES_WINDOW: TimeDelta = TimeDelta::hours(24);
