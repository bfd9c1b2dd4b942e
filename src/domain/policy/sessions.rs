//! Sessions, tokens, and how revocations reach Workers KV.

use std::time::Duration;

use chrono::TimeDelta;

/// A session ends this long after sign-in, however active: 30 days. Default of a setting.
/// Source: NIST §2.1.3 (AAL1: no more than 30 days); ASVS 7.3.2, 10.4.8.
pub const SESSION_MAX_DAYS: i64 = 30;

/// A session ends when it was not refreshed for this long: 7 days. Default of a setting.
/// Source: ASVS 7.3.1, RFC 9700 §4.14.2 ("SHOULD expire if not used for some time").
pub const SESSION_INACTIVITY_DAYS: i64 = 7;

/// How long an access token is valid: 600 seconds. Default of a setting. It bounds how long a
/// revoked session goes unnoticed by those who verify offline.
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
/// [`METADATA_MAX_BYTES`](super::METADATA_MAX_BYTES) fit: 2 x 16 KiB x 4/3 (base64) + 1 KiB of
/// other claims + signature.
pub const ACCESS_TOKEN_MAX_BYTES: usize = 48 * 1024;

/// How long after a rotation the previous refresh token still gets the current one: 30 seconds.
/// Default of a setting. For lost responses and two browser tabs. Source: RFC 9700 §4.14.2.
pub const REFRESH_REUSE_SECONDS: i64 = 30;

/// How many sessions an account may have: 100, then the oldest ends. Default of a setting. More
/// than anybody has devices; a bound on what one account can fill. Source: ASVS 7.1.2.
pub const SESSIONS_PER_USER: i32 = 100;

/// How long after a mail that tells of a replay the next one to that account is left out: 1 hour,
/// so that no mailbox can be flooded. The session ends all the same.
pub const REPLAY_MAIL_INTERVAL: TimeDelta = TimeDelta::hours(1);

/// How long a revocation stays in Workers KV: a day and what clocks may differ, the longest that an
/// access token may live.
pub const REVOCATION_LIFETIME: TimeDelta = TimeDelta::seconds(ACCESS_TOKEN_MAX_SECONDS + CLOCK_SKEW.num_seconds());

/// How long a refresh waits for KV: 100 milliseconds. Then PostgreSQL decides, as it does after a
/// miss.
pub const REVOCATION_TIMEOUT_ON_REFRESH: Duration = Duration::from_millis(100);

/// How long an introspection waits for KV: 2 seconds. It asks KV alone, so then it refuses to
/// answer.
pub const REVOCATION_TIMEOUT_ON_INTROSPECTION: Duration = Duration::from_secs(2);

/// How long we try to tell KV of what has ended: 5 seconds in all, since the connection to
/// PostgreSQL stays open meanwhile. The Cron Trigger tells the rest.
pub const REVOCATION_PUBLISH_TIMEOUT: Duration = Duration::from_secs(5);

/// How many revocations are on their way to KV at once: 5. A Worker may have 6 connections open,
/// and one is PostgreSQL's. Source:
/// <https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections>.
pub const REVOCATIONS_AT_ONCE: usize = 5;

/// How old an answer of KV may be that we take from the cache of our own location: 30 seconds, the
/// least that KV allows. "Not revoked" is cached too, so this is part of the bound that the README
/// states. Source: <https://developers.cloudflare.com/kv/api/read-key-value-pairs/#cachettl-parameter>.
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

/// The shortest `AUTH_SECRET`, in bytes: 32. Source: RFC 2104 §3 (the length of the hash output).
pub const AUTH_SECRET_MIN_BYTES: usize = 32;
