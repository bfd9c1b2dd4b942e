//! Time that stands still.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use edgegate::host::{BoxFuture, Clock};

/// A clock that a test moves by hand. Whoever sleeps wakes when it has been moved far enough.
pub struct FrozenClock {
    face: Arc<Mutex<Face>>,
    /// What is no longer than this runs out at once.
    runs_out: Mutex<Duration>,
}

struct Face {
    now: DateTime<Utc>,
    sleepers: Vec<Waker>,
}

impl Default for FrozenClock {
    fn default() -> Self {
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        Self { face: Arc::new(Mutex::new(Face { now, sleepers: Vec::new() })), runs_out: Mutex::default() }
    }
}

impl FrozenClock {
    /// Moves on.
    pub fn advance(&self, by: TimeDelta) {
        let mut face = self.face.lock().expect("unpoisoned");
        face.now += by;
        face.sleepers.drain(..).for_each(Waker::wake);
    }

    /// From now on whatever is waited for with a time limit runs into it.
    pub fn let_limits_run_out(&self) {
        self.let_limits_run_out_up_to(Duration::MAX);
    }

    /// From now on whatever is waited for with a limit of up to `longest` runs into it. Longer
    /// limits, such as that of the request, never come.
    pub fn let_limits_run_out_up_to(&self, longest: Duration) {
        *self.runs_out.lock().expect("unpoisoned") = longest;
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> DateTime<Utc> {
        self.face.lock().expect("unpoisoned").now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration <= *self.runs_out.lock().expect("unpoisoned") {
            return Box::pin(async {});
        }
        let face = Arc::clone(&self.face);
        let wake_at = self.now() + TimeDelta::from_std(duration).expect("a short time");
        Box::pin(poll_fn(move |context| {
            let mut face = face.lock().expect("unpoisoned");
            if face.now >= wake_at {
                return Poll::Ready(());
            }
            face.sleepers.push(context.waker().clone());
            Poll::Pending
        }))
    }
}
