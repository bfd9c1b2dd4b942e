//! The small parts of the platform: clock, randomness, log, `waitUntil`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use edgegate::config::ConfigError;
use edgegate::host::{Background, BoxFuture, Clock, Entropy, Level, Log};
use worker::send::SendFuture;
use worker::{Context, Date, Delay, ScheduleContext};

/// `Date.now()`: milliseconds, standing still while we compute.
pub struct WorkerClock;

impl Clock for WorkerClock {
    fn now(&self) -> DateTime<Utc> {
        let millis = i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX);
        DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(SendFuture::new(Delay::from(duration)))
    }
}

/// `crypto.getRandomValues`.
pub struct WebCrypto;

impl Entropy for WebCrypto {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes)
            .expect("crypto.getRandomValues fails only above 65536 bytes, and getrandom asks for less");
    }
}

/// `console`, which Workers Logs and `wrangler tail` read.
pub struct Console;

impl Log for Console {
    fn write(&self, level: Level, line: &str) {
        match level {
            Level::Info => worker::console_log!("{line}"),
            Level::Warn => worker::console_warn!("{line}"),
            Level::Error => worker::console_error!("{line}"),
        }
    }
}

/// Says once per isolate what is wrong with a setting, by its name.
pub fn log_misconfiguration(problem: &ConfigError) {
    worker::console_error!("misconfigured: {problem}");
}

/// `waitUntil` of the event at hand. The runtime stops polling whatever an event has begun and does
/// not wait for, without dropping it.
pub enum WaitUntil {
    /// A request.
    Fetch(Context),
    /// The Cron Trigger.
    Scheduled(ScheduleContext),
}

impl WaitUntil {
    /// Runs a task to its end, up to 30 seconds after the event's answer.
    pub fn wait_for(&self, task: impl Future<Output = ()> + 'static) {
        match self {
            Self::Fetch(context) => context.wait_until(task),
            Self::Scheduled(context) => context.wait_until(task),
        }
    }
}

impl Background for WaitUntil {
    fn run(&self, task: BoxFuture<'static, ()>) {
        self.wait_for(task);
    }
}
