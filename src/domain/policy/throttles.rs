//! How often something may be tried or asked for: guesses, mails, anonymous accounts.
//!
//! In a table of waits, entry n is how many seconds must pass after the n-th attempt of a streak,
//! and the last entry stays in force. A success ends the streak.

const HOUR_SECONDS: i32 = 60 * 60;
const DAY_SECONDS: i32 = 24 * HOUR_SECONDS;

/// Waits after wrong passwords for one account from one network, in seconds: none after the first
/// four, 30 after the fifth, then doubling up to an hour; a day from the hundredth on. They hold up
/// the guesser, and not the account's owner elsewhere. Source: NIST §3.2.2 (waits growing from
/// 30 s to an hour; no more than 100 failures in a row).
pub const SIGN_IN_ACCOUNT_HERE_WAITS: [i32; 100] = {
    let mut waits = [HOUR_SECONDS; 100];
    let mut n = 0;
    while n < 11 {
        waits[n] = if n < 4 { 0 } else { 30 << (n - 4) };
        n += 1;
    }
    waits[99] = DAY_SECONDS;
    waits
};

/// Waits after wrong passwords for one account from anywhere, in seconds: none after the first 19,
/// then 30, and 15 minutes from the hundredth on. Short, since they hold up the owner too, whom no
/// stranger may lock out; yet guessing from many networks comes to fewer than a hundred tries a
/// day. NIST wants the password disabled after a hundred until its owner sets a new one; that takes
/// recovery by mail, which has to come first. Source: NIST §3.2.2; ASVS 6.1.1 (malicious lockout).
pub const SIGN_IN_ACCOUNT_WAITS: [i32; 100] = {
    let mut waits = [30; 100];
    let mut n = 0;
    while n < 19 {
        waits[n] = 0;
        n += 1;
    }
    waits[99] = 15 * 60;
    waits
};

/// A streak of wrong passwords for an account is forgotten after this time without an attempt, in
/// seconds: 25 hours. Longer than the longest wait, or waiting would end the streak.
pub const SIGN_IN_ACCOUNT_FORGET_AFTER_SECONDS: i32 = DAY_SECONDS + HOUR_SECONDS;

/// Waits after wrong passwords from one network, in seconds: none after the first 99, so that an
/// office behind one address is not hindered; then 15 minutes each. Source: ASVS 6.3.1.
pub const SIGN_IN_NETWORK_WAITS: [i32; 100] = {
    let mut waits = [0; 100];
    waits[99] = 15 * 60;
    waits
};

/// A network's streak is forgotten after this time without an attempt, in seconds: 1 hour.
/// Longer than its longest wait, or waiting would end the streak.
pub const SIGN_IN_NETWORK_FORGET_AFTER_SECONDS: i32 = HOUR_SECONDS;

/// Waits between mails of one kind to one recipient, in seconds: a minute, and an hour after the
/// twentieth, so that no mailbox can be flooded, nor an address kept from signing up for long.
/// Source: Supabase Auth's default of `SMTP_MAX_FREQUENCY` (a minute); ASVS 6.6.4.
pub const MAIL_WAITS: [i32; 20] = {
    let mut waits = [60; 20];
    waits[19] = HOUR_SECONDS;
    waits
};

/// A recipient's streak of mails is forgotten after this time without one, in seconds: 1 day.
pub const MAIL_FORGET_AFTER_SECONDS: i32 = DAY_SECONDS;

/// Mails that one network may ask for in an hour: 100, so that an office behind one address is not
/// hindered. Default of a setting. Source: ASVS 6.6.4.
pub const MAILS_PER_NETWORK_HOUR: u32 = 100;

/// Mails that all callers together may ask for in an hour: 10 000. Default of a setting. A bound on
/// what a flood from many networks costs, in money and in the sender's reputation.
pub const MAILS_PER_HOUR: u32 = 10_000;

/// How many counters the mails of all callers are spread over where there are at least a thousand
/// an hour: 8. Each request holds the lock of its counter until it commits, and one lock for
/// everybody would be a queue.
pub const MAIL_COUNTER_SHARES: u32 = 8;

/// Anonymous accounts that one network may make in an hour: 30. Default of a setting. Each is a row
/// made without proof of anything, so there is a bound on how many one network makes.
pub const ANONYMOUS_PER_NETWORK_HOUR: u32 = 30;
