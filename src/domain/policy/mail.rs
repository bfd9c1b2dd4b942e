//! Mail: deliveries, the sweep of the queue, the reports of the provider.

use std::time::Duration;

use chrono::TimeDelta;

/// The first wait after a failed delivery: 30 seconds, since most outages are short; it doubles
/// with each further failure, since the others are long.
pub const MAIL_FIRST_RETRY: TimeDelta = TimeDelta::seconds(30);

/// The longest wait between two deliveries of one mail: 1 hour.
pub const MAIL_MAX_RETRY: TimeDelta = TimeDelta::hours(1);

/// A delivery is put off by up to this share more or less, in percent: 20, so that mails of one
/// outage do not all come back in the same second.
pub const MAIL_RETRY_JITTER_PERCENT: i64 = 20;

/// A mail that could not be delivered for this long is given up: 24 hours, the life of its
/// longest-lived link.
pub const MAIL_GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(24);

/// How long a mail that tells of something done is worth sending: 24 hours.
pub const NOTICE_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// How long we wait for the mail provider: 10 seconds. `waitUntil` gives 30 after the response.
/// Source: <https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil>.
pub const MAIL_PROVIDER_TIMEOUT: Duration = Duration::from_secs(10);

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

/// The longest answer of the mail provider that is read, in bytes: 64 KiB. An error in JSON takes a
/// few hundred; of a longer answer the status alone counts.
pub const MAIL_ANSWER_MAX_BYTES: usize = 64 * 1024;
