//! Every lifetime, limit and threshold, with its unit, reason and source. Not here: what an
//! operator may set. Where a setting exists, the constant is its default or its bound, and says so.
//!
//! Sources: DESIGN.md; OWASP = the Password Storage and Authentication cheat sheets; ASVS = OWASP
//! ASVS 5.0; NIST = SP 800-63B-4 (July 2025). `tests/domain/policy.rs` pins the values, so a change
//! is made twice on purpose.

use chrono::TimeDelta;

// ---- Links and codes in mail ----

/// How long a link or code that confirms an address works: 24 hours. A mail may be read the next
/// day. Source: DESIGN.md; NIST §4.2.2 allows 24 h for a code sent by e-mail.
pub const CONFIRMATION_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// How long an invitation works: 24 hours. It goes to somebody who is not waiting for it. Source:
/// as [`CONFIRMATION_LIFETIME`].
pub const INVITATION_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// How long a password-recovery link or code works: 1 hour. It is a credential lying in a mailbox.
/// Source: DESIGN.md; OWASP Forgot Password cheat sheet ("expire after an appropriate period").
pub const RECOVERY_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// How long a link or code that signs in works: 10 minutes. Source: ASVS 6.5.5, NIST §3.1.3.
pub const SIGN_IN_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// How long a change of address can be taken back from the mailbox it left: 7 days, for those who
/// read mail once a week.
pub const EMAIL_CHANGE_UNDO_LIFETIME: TimeDelta = TimeDelta::days(7);

/// How long the code that a link was traded for can be exchanged: 5 minutes, counted from the
/// click. Source: WIRE.md §4.5; RFC 9700 (10 minutes at most).
pub const AUTH_CODE_LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// How long after signing in nobody is asked again who they are: 10 minutes. For deleting the
/// account whatever the method; for a new password only after a mailed link or code, which proves
/// as much as recovering the account would. Source: ASVS 7.5.1, 6.2.3; as [`SIGN_IN_LIFETIME`].
pub const FRESH_SIGN_IN: TimeDelta = TimeDelta::minutes(10);

/// Digits of a code: 6, that is 19.9 bits. Source: NIST §3.1.3.2 ("at least six decimal digits");
/// ASVS 6.5.4. So few bits are enough only together with [`CODE_MAX_ATTEMPTS`].
pub const CODE_DIGITS: u32 = 6;

/// Wrong codes per account and kind within [`CODE_FAILURES_WINDOW`] before codes are refused: 5.
/// A new code does not reset the count. The chance of guessing is 5 in a million a day.
/// Source: DESIGN.md; NIST §3.2.2; ASVS 6.6.3.
pub const CODE_MAX_ATTEMPTS: i32 = 5;

/// The window in which wrong codes are counted: 24 hours, the life of the longest-lived code.
pub const CODE_FAILURES_WINDOW: TimeDelta = TimeDelta::hours(24);

// ---- Sessions and tokens ----

/// A session ends this long after sign-in, however active: 30 days. Default of a setting.
/// Source: NIST §2.1.3 (AAL1: no more than 30 days); ASVS 7.3.2, 10.4.8.
pub const SESSION_MAX_DAYS: i64 = 30;

/// A session ends when it was not refreshed for this long: 7 days. Default of a setting.
/// Source: ASVS 7.3.1, RFC 9700 §4.14.2 ("SHOULD expire if not used for some time").
pub const SESSION_INACTIVITY_DAYS: i64 = 7;

/// How long an access token is valid: 600 seconds. Default of a setting. It bounds how long a
/// revoked session goes unnoticed by those who verify offline. Source: DESIGN.md.
pub const ACCESS_TOKEN_SECONDS: i64 = 600;

/// The longest that an access token may be valid: 86 400 seconds, a day. Bound of that setting. So
/// long a revocation is remembered, since a token may have been made before the setting was
/// changed.
pub const ACCESS_TOKEN_MAX_SECONDS: i64 = 86_400;

/// How much the clocks of two edges may differ: 5 seconds. So far in the future may `iat` and `nbf`
/// of an access token lie; `exp` gets no leeway. Source: RFC 7519 §4.1.5 ("some small leeway,
/// usually no more than a few minutes").
pub const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(5);

/// The longest access token that is looked at: 49 152 bytes. Two metadata objects of
/// [`METADATA_MAX_BYTES`] fit: 2 x 16 KiB x 4/3 (base64) + 1 KiB of other claims + signature.
pub const ACCESS_TOKEN_MAX_BYTES: usize = 48 * 1024;

/// How long after a rotation the previous refresh token still gets the current one: 30 seconds.
/// Default of a setting. For lost responses and two browser tabs. Source: DESIGN.md; RFC 9700
/// §4.14.2.
pub const REFRESH_REUSE_SECONDS: i64 = 30;

/// How many sessions an account may have: 100, then the oldest ends. Default of a setting. More
/// than anybody has devices; a bound on what one account can fill. Source: ASVS 7.1.2; SECURITY.md
/// T-73.
pub const SESSIONS_PER_USER: i32 = 100;

/// How long after a mail that tells of a replay the next one to that account is left out: 1 hour,
/// so that nobody's mailbox can be flooded. The session ends all the same. Source: SECURITY.md
/// T-53.
pub const REPLAY_MAIL_INTERVAL: TimeDelta = TimeDelta::hours(1);

/// How long a revocation stays in Workers KV: a day and what clocks may differ, the longest that an
/// access token may live.
pub const REVOCATION_LIFETIME: TimeDelta = TimeDelta::seconds(ACCESS_TOKEN_MAX_SECONDS + CLOCK_SKEW.num_seconds());

/// How long a refresh waits for KV: 100 milliseconds. Then PostgreSQL decides, as it does after a
/// miss.
pub const REVOCATION_TIMEOUT_ON_REFRESH: std::time::Duration = std::time::Duration::from_millis(100);

/// How long an introspection waits for KV: 2 seconds. It has nobody else to ask, so then it refuses
/// to answer.
pub const REVOCATION_TIMEOUT_ON_INTROSPECTION: std::time::Duration = std::time::Duration::from_secs(2);

/// How long we try to tell KV of what has ended: 5 seconds in all, since the connection to
/// PostgreSQL stays open meanwhile. The Cron Trigger tells the rest.
pub const REVOCATION_PUBLISH_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// How many revocations are on their way to KV at once: 5. A Worker may have 6 connections open,
/// and one is PostgreSQL's. Source:
/// <https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections>.
pub const REVOCATIONS_AT_ONCE: usize = 5;

/// How old an answer of KV may be that we take from the cache of our own location: 30 seconds, the
/// least that KV allows. "Not revoked" is cached too, so this is part of the bound that the README
/// states. Source: PLATFORM.md.
pub const REVOCATION_CACHE: TimeDelta = TimeDelta::seconds(30);

/// The most revocations that KV is told of after one response: 500, far more than an account has
/// sessions unless a setting says so. The rest is left to the Cron Trigger.
pub const REVOCATION_BATCH: usize = 500;

/// The most revocations that KV is told of in one run of the Cron Trigger: 900, within the 1000
/// operations that one invocation may make. More wait for the next run, those that ended first
/// before all. Part of what docs/verify.md states. Source:
/// <https://developers.cloudflare.com/kv/platform/limits/>.
pub const REVOCATIONS_PER_RUN: i64 = 900;

/// Revocations that KV is told of before that is recorded: 50. What was told and not recorded is
/// told again.
pub const REVOCATION_CHUNK: usize = 50;

/// How long one run of the Cron Trigger goes on telling KV: 20 seconds, and what has begun
/// [`REVOCATION_PUBLISH_TIMEOUT`] more. Then the mail is due, and the run is over before the one
/// after the next.
pub const REVOCATION_SWEEP_BUDGET: TimeDelta = TimeDelta::seconds(20);

// ---- Passwords ----

/// Shortest password, in code points: 8. Default of a setting, and the least that the setting may
/// be; 15 is advised. Source: ASVS 6.2.1; NIST §3.1.1.2.
pub const PASSWORD_MIN_CHARS: usize = 8;

/// The most that the minimum-length setting may ask for, in code points: 64. Source: NIST §3.1.1.2
/// (passwords of 64 characters SHOULD be permitted).
pub const PASSWORD_MIN_CHARS_LIMIT: usize = 64;

/// Longest password, in bytes of UTF-8, as typed and after NFC: 4096. At least 1024 characters of
/// any script fit, and every one counts. The bound keeps normalising and hashing cheap. Source:
/// ASVS 6.2.9 (at least 64 characters).
pub const PASSWORD_MAX_BYTES: usize = 4096;

/// PBKDF2-HMAC-SHA-512 iterations: 220 000. About 245 ms in wasm. Source: OWASP Password Storage
/// cheat sheet; DESIGN.md.
pub const PBKDF2_ITERATIONS: u32 = 220_000;

/// The most iterations that a stored hash may ask for: 1 000 000, about 1.1 s in wasm. More is a
/// corrupt row or an attack.
pub const PBKDF2_MAX_ITERATIONS: u32 = 1_000_000;

/// Argon2id memory: 19 456 KiB (19 MiB). Source: OWASP Password Storage cheat sheet (m = 19456, t =
/// 2, p = 1).
pub const ARGON2_MEMORY_KIB: u32 = 19_456;

/// Argon2id passes: 2. Source: as [`ARGON2_MEMORY_KIB`].
pub const ARGON2_PASSES: u32 = 2;

/// Argon2id lanes: 1; wasm has one thread. Source: as [`ARGON2_MEMORY_KIB`].
pub const ARGON2_LANES: u32 = 1;

/// The most memory that a stored hash may ask for: 47 104 KiB (46 MiB), the largest that OWASP
/// lists and what an isolate of 128 MB can give.
pub const ARGON2_MAX_MEMORY_KIB: u32 = 47_104;

/// The most passes that a stored hash may ask for: 5, as [`ARGON2_MAX_MEMORY_KIB`].
pub const ARGON2_MAX_PASSES: u32 = 5;

/// The most lanes that a stored hash may ask for: 4. They run one after the other here.
pub const ARGON2_MAX_LANES: u32 = 4;

/// The longest hash of another system that is looked at, in bytes: 1024. Firebase's, the longest,
/// take about 250.
pub const FOREIGN_HASH_MAX_BYTES: usize = 1024;

/// The shortest output of a hash of another system, in bytes: 16. A shorter one would be right for
/// too many passwords. Source: RFC 9106 §4 (128-bit tag at least).
pub const FOREIGN_HASH_MIN_OUTPUT_BYTES: usize = 16;

/// The most memory that a hash of another system may ask for, in bytes: 64 MiB, the default of
/// argon2-cffi, PHP and passlib. Half of what an isolate has, and hashes run one after the other
/// there. Source: PLATFORM.md (128 MB).
pub const FOREIGN_HASH_MAX_MEMORY_BYTES: usize = 64 * 1024 * 1024;

/// How many hashes of our own take as long as one of another system at its limit: 5, about 1.2 s in
/// wasm. The limits below are set by that, and so many places of [`HASHES_IN_FLIGHT`] it takes.
/// Source: measured in wasm, where 220 000 iterations of PBKDF2-HMAC-SHA-512 take as long as bcrypt
/// of cost 12, 290 000 iterations with SHA-256, Argon2 over 64 MiB 3 times, or scrypt with N times
/// r times p = 524 288.
pub const FOREIGN_HASH_MAX_WEIGHT: u64 = 5;

/// The highest cost of a bcrypt hash, as power of two: 14. Systems make 10 to 12.
pub const FOREIGN_BCRYPT_MAX_COST: u32 = 14;

/// The most that an Argon2 hash may cost in KiB of memory times passes: 1 048 576, which is 64 MiB
/// 16 times. PHP makes 4 passes over 64 MiB, argon2-cffi 3.
pub const FOREIGN_ARGON2_MAX_KIB_PASSES: u64 = 1024 * 1024;

/// The most lanes of an Argon2 hash: 16, as Supabase Auth has it. They run one after the other
/// here, and cost no more.
pub const FOREIGN_ARGON2_MAX_LANES: u64 = 16;

/// The most that a scrypt hash may cost as N times r times p: 2 097 152. Firebase's cost 131 072,
/// Werkzeug's and better-auth's 262 144, passlib's 524 288, Django's 655 360.
pub const FOREIGN_SCRYPT_MAX_WORK: u64 = 2 * 1024 * 1024;

/// The most iterations of PBKDF2 with SHA-1 or SHA-256 in a hash of another system: 1 500 000, the
/// default of Django 6.1. With SHA-512 it is [`PBKDF2_MAX_ITERATIONS`].
pub const FOREIGN_PBKDF2_MAX_ITERATIONS: u64 = 1_500_000;

/// Salt of a password hash: 16 bytes. Source: NIST §3.1.1.2 (at least 4 bytes); RFC 9106 §3.1 (16
/// recommended).
pub const PASSWORD_SALT_BYTES: usize = 16;

/// Length of a stored password hash: 32 bytes. Source: RFC 9106 §4 (256-bit tag).
pub const PASSWORD_HASH_BYTES: usize = 32;

/// How many requests may hash, or wait to hash, at once in one isolate: 24. Default of a setting.
/// Hashes run one after the other there, so the last one waits about 6 s, inside
/// [`REQUEST_TIMEOUT`]; more are refused at once. Source: SECURITY.md T-60.
pub const HASHES_IN_FLIGHT: usize = 24;

// ---- Guessing ----
//
// A table of waits is read as in `src/db/shared/throttle.sql`: entry n is how many seconds must
// pass after the n-th attempt of a streak, and the last entry stays in force. A success ends the
// streak.

const HOUR_SECONDS: i32 = 60 * 60;
const DAY_SECONDS: i32 = 24 * HOUR_SECONDS;

/// Waits after wrong passwords for one account from one network, in seconds: none after the first
/// four, 30 after the fifth, then doubling up to an hour; a day from the hundredth on. They hold up
/// whoever guesses, and not the account's owner elsewhere. Source: NIST §3.2.2 (waits growing from
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
/// recovery by mail, which has to come first. Source: SECURITY.md (lockout), NIST §3.2.2.
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
/// seconds: 25 hours. Longer than the longest wait, or waiting would forgive.
pub const SIGN_IN_ACCOUNT_FORGET_AFTER_SECONDS: i32 = DAY_SECONDS + HOUR_SECONDS;

/// Waits after wrong passwords from one network, in seconds: none after the first 99, so that an
/// office behind one address is not hindered; then 15 minutes each. Source: DESIGN.md; ASVS 6.3.1.
pub const SIGN_IN_NETWORK_WAITS: [i32; 100] = {
    let mut waits = [0; 100];
    waits[99] = 15 * 60;
    waits
};

/// A network's streak is forgotten after this time without an attempt, in seconds: 1 hour.
/// Longer than its longest wait, or waiting would forgive.
pub const SIGN_IN_NETWORK_FORGET_AFTER_SECONDS: i32 = HOUR_SECONDS;

// ---- Mail ----

/// The first wait after a failed delivery: 30 seconds; it doubles with each further failure.
/// Source: DESIGN.md.
pub const MAIL_FIRST_RETRY: TimeDelta = TimeDelta::seconds(30);

/// The longest wait between two deliveries of one mail: 1 hour.
pub const MAIL_MAX_RETRY: TimeDelta = TimeDelta::hours(1);

/// A delivery is put off by up to this share more or less, in percent: 20, so that mails of one
/// outage do not all come back in the same second.
pub const MAIL_RETRY_JITTER_PERCENT: i64 = 20;

/// A mail that could not be delivered for this long is given up: 24 hours, the life of its
/// longest-lived link.
pub const MAIL_GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(24);

/// Waits between mails of one kind to one recipient, in seconds: a minute (WIRE.md §4.1), and an
/// hour after the twentieth, so that nobody's mailbox can be flooded, nor an address kept from
/// signing up for long. Read as the tables above. Source: ASVS 6.6.4; SECURITY.md T-53.
pub const MAIL_WAITS: [i32; 20] = {
    let mut waits = [60; 20];
    waits[19] = HOUR_SECONDS;
    waits
};

/// A recipient's streak of mails is forgotten after this time without one, in seconds: 1 day.
pub const MAIL_FORGET_AFTER_SECONDS: i32 = DAY_SECONDS;

/// How far the time in a signed report of the mail provider may be from ours, either way: 5
/// minutes. Then a report that was overheard cannot be played back later. Source: Svix, "Verifying
/// webhooks manually"; Standard Webhooks.
pub const WEBHOOK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The shortest password in the URL of a webhook that is not signed, in characters: 20, which is
/// 119 bits if it is random.
pub const WEBHOOK_PASSWORD_MIN_CHARS: usize = 20;

/// The longest name of a cause that is kept with an address that is not mailed again, in
/// characters: 200.
pub const MAIL_EVENT_DETAIL_MAX_CHARS: usize = 200;

/// Mails that one network may ask for in an hour: 100, so that an office behind one address is not
/// hindered. Default of a setting. Source: ASVS 6.6.4; SECURITY.md T-53.
pub const MAILS_PER_NETWORK_HOUR: u32 = 100;

/// Mails that all callers together may ask for in an hour: 10 000. Default of a setting. A bound on
/// what a flood from many networks costs, in money and in the sender's reputation.
pub const MAILS_PER_HOUR: u32 = 10_000;

/// How many counters the mails of all callers are spread over where there are at least a thousand
/// an hour: 8. Each request holds the lock of its counter until it commits, and one lock for
/// everybody would be a queue.
pub const MAIL_COUNTER_SHARES: u32 = 8;

/// How long a mail that tells of something done is worth sending: 24 hours.
pub const NOTICE_LIFETIME: TimeDelta = TimeDelta::hours(24);

// ---- Accounts ----

/// Anonymous accounts that one network may make in an hour: 30. Default of a setting. Source:
/// SECURITY.md T-73.
pub const ANONYMOUS_PER_NETWORK_HOUR: u32 = 30;

/// The longest that an account can be kept after its owner deleted it, in days: 90. Bound of a
/// setting.
pub const DELETION_GRACE_MAX_DAYS: i64 = 90;

// ---- Housekeeping ----

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

/// The most rows of each kind that one sweep removes: 1000, well below Hyperdrive's 60 s for a
/// statement.
pub const HOUSEKEEPING_BATCH: i64 = 1000;

// ---- Lists ----

/// Items on a page of a list: 50. Source: WIRE.md §1.5.
pub const PER_PAGE: u32 = 50;

/// The most items that a page may have: 1000. Accounts with metadata of a few hundred bytes each
/// make an answer of 1 MB.
pub const PER_PAGE_MAX: u32 = 1000;

/// The longest text that accounts are searched for, in bytes: that of the longest address.
pub const SEARCHED_MAX_BYTES: usize = EMAIL_ADDRESS_MAX_BYTES;

// ---- Sizes of input ----

/// The largest request body: 1 MiB. Source: WIRE.md §1.
pub const REQUEST_BODY_MAX_BYTES: usize = 1024 * 1024;

/// The largest metadata object of a user, in bytes of JSON: 16 KiB, because the whole of it is in
/// every access token.
pub const METADATA_MAX_BYTES: usize = 16 * 1024;

/// The most accounts that one call imports: 500. With hashes and metadata they are some 250 KB, a
/// quarter of [`REQUEST_BODY_MAX_BYTES`], and one statement of some 50 ms.
pub const IMPORT_BATCH_MAX: usize = 500;

/// The longest `redirect_to`, in bytes: 2048. Source: SECURITY.md T-17.
pub const REDIRECT_URL_MAX_BYTES: usize = 2048;

/// The longest e-mail address, in bytes: 254. Source: RFC 5321 §4.5.3.1.3 (a path of 256 with its
/// angle brackets).
pub const EMAIL_ADDRESS_MAX_BYTES: usize = 254;

/// The longest local part of an address, in bytes: 64. Source: RFC 5321 §4.5.3.1.1.
pub const EMAIL_LOCAL_PART_MAX_BYTES: usize = 64;

/// The shortest `AUTH_SECRET`, in bytes: 32. Source: RFC 2104 §3 (the length of the hash output).
pub const AUTH_SECRET_MIN_BYTES: usize = 32;

// ---- Operation ----

/// The longest that a request may take: 10 seconds, then 504. Source: WIRE.md §1
/// (`API_MAX_REQUEST_DURATION`).
pub const REQUEST_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// How long we wait for the mail provider: 10 seconds. `waitUntil` gives 30 after the response.
/// Source: PLATFORM.md.
pub const MAIL_PROVIDER_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// How long we wait for DNS, all questions together: 1 second. A resolver takes some 20 ms, and
/// what is not known by then is let pass: the mail will show it.
pub const DNS_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(1);

/// What DNS said of a domain is kept at least so long, whatever its time to live: 60 seconds. A
/// burst of sign-ups asks once.
pub const DNS_KEPT_AT_LEAST: TimeDelta = TimeDelta::seconds(60);

/// What DNS said of a domain is kept at most so long: 1 hour, so that a domain that was just set up
/// is soon believed. Source: RFC 2308 §5 (negative answers: one to three hours).
pub const DNS_KEPT_AT_MOST: TimeDelta = TimeDelta::hours(1);

/// Of how many domains an isolate remembers what DNS said: 1000. Names of 253 bytes at most: below
/// 1 MB.
pub const DNS_DOMAINS_KEPT: usize = 1000;

/// How long a message that somebody took to send is left to them: 5 minutes. One run of the Cron
/// Trigger begins nothing after [`MAIL_SWEEP_BUDGET`] and waits [`MAIL_PROVIDER_TIMEOUT`] for what
/// it has begun, so it is done with all that it took in 35 s.
pub const MAIL_LEASE: TimeDelta = TimeDelta::minutes(5);

/// Messages that are taken from the queue at once: 50. A run takes batch after batch, and each
/// costs two statements.
pub const MAIL_SWEEP_BATCH: i64 = 50;

/// How long one run of the Cron Trigger goes on beginning attempts to send: 25 seconds, so that it
/// is over before the next.
pub const MAIL_SWEEP_BUDGET: TimeDelta = TimeDelta::seconds(25);

/// Messages that are on their way to the provider at once: 5. A Worker may have 6 connections open,
/// and one is PostgreSQL's. Source:
/// <https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections>
pub const MAILS_AT_ONCE: usize = 5;

/// The longest that a provider's `Retry-After` holds up the whole queue: 1 hour. A quota may ask
/// for more; then it is asked again each hour, lest one odd answer stop all mail.
pub const MAIL_PAUSE_MAX: TimeDelta = TimeDelta::hours(1);
