//! Workers KV as it may behave at its worst: a store that everybody writes to, seen from several
//! locations, each of which learns of a write late, keeps old answers ("no such key" too) in a
//! cache, and may fail or hang.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use edgegate::domain::policy;
use edgegate::host::{BoxFuture, Clock, RevocationList, RevocationListError};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use uuid::Uuid;

use super::FrozenClock;

/// How long a write may take to reach another location: a minute, by Cloudflare's word.
/// Source: <https://developers.cloudflare.com/kv/concepts/how-kv-works/#consistency>
pub const PROPAGATION: TimeDelta = TimeDelta::seconds(60);

/// What was written, and until when it stays.
type Entries = BTreeMap<Uuid, (DateTime<Utc>, DateTime<Utc>)>;

/// What a location does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultMode {
    /// Answers.
    Well,
    /// Fails at once.
    Failing,
    /// Never answers.
    Hanging,
}

/// KV as one location sees it.
pub struct Kv {
    clock: Arc<FrozenClock>,
    store: Arc<Mutex<Entries>>,
    /// The answer kept here, and since when.
    cache: Mutex<BTreeMap<Uuid, (bool, DateTime<Utc>)>>,
    fault_mode: Mutex<FaultMode>,
    /// How late this location learns of a write.
    delay: Mutex<TimeDelta>,
    /// How late it learns, and whether it fails, anew by chance each time that its cache has no
    /// answer.
    chance: Mutex<Option<ChaCha8Rng>>,
    /// What a write takes.
    writing: Mutex<TimeDelta>,
    asked: AtomicU32,
    written: AtomicU32,
}

impl Kv {
    /// An empty namespace, seen from one location.
    pub fn new(clock: Arc<FrozenClock>) -> Arc<Self> {
        Self::over(Arc::default(), clock)
    }

    /// The same namespace seen from another location.
    pub fn elsewhere(&self) -> Arc<Self> {
        Self::over(Arc::clone(&self.store), Arc::clone(&self.clock))
    }

    fn over(store: Arc<Mutex<Entries>>, clock: Arc<FrozenClock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            store,
            cache: Mutex::default(),
            fault_mode: Mutex::new(FaultMode::Well),
            delay: Mutex::new(TimeDelta::zero()),
            chance: Mutex::new(None),
            writing: Mutex::new(TimeDelta::zero()),
            asked: AtomicU32::new(0),
            written: AtomicU32::new(0),
        })
    }

    /// From now on this location behaves like that.
    pub fn becomes(&self, fault_mode: FaultMode) {
        *self.fault_mode.lock().expect("unpoisoned") = fault_mode;
    }

    /// From now on this location learns of writes so late, which is no longer than [`PROPAGATION`].
    pub fn learns_after(&self, delay: TimeDelta) {
        assert!(delay <= PROPAGATION);
        *self.delay.lock().expect("unpoisoned") = delay;
    }

    /// From now on each look may find another state of the store, up to [`PROPAGATION`] old, so a
    /// later one an earlier state too; and one in eight fails.
    pub fn becomes_erratic(&self, seed: u64) {
        *self.chance.lock().expect("unpoisoned") = Some(ChaCha8Rng::seed_from_u64(seed));
    }

    /// From now on each write moves the clock.
    pub fn writes_in(&self, time: TimeDelta) {
        *self.writing.lock().expect("unpoisoned") = time;
    }

    /// How often this location was asked, and how often it was written to.
    pub fn traffic(&self) -> (u32, u32) {
        (self.asked.load(Ordering::SeqCst), self.written.load(Ordering::SeqCst))
    }

    /// Whether the session is in the store, whoever knows of it.
    pub fn holds(&self, session_id: Uuid) -> bool {
        self.store.lock().expect("unpoisoned").get(&session_id).is_some_and(|(_, until)| *until > self.clock.now())
    }

    fn look(&self, session_id: Uuid) -> Result<bool, RevocationListError> {
        let now = self.clock.now();
        let mut cache = self.cache.lock().expect("unpoisoned");
        if let Some((answer, since)) = cache.get(&session_id)
            && now < *since + policy::REVOCATION_CACHE
        {
            return Ok(*answer);
        }
        let mut delay = *self.delay.lock().expect("unpoisoned");
        if let Some(chance) = self.chance.lock().expect("unpoisoned").as_mut() {
            if chance.next_u32() % 8 == 0 {
                return Err(RevocationListError("500 from KV".to_owned()));
            }
            delay = TimeDelta::seconds(i64::from(chance.next_u32()) % (PROPAGATION.num_seconds() + 1));
        }
        let store = self.store.lock().expect("unpoisoned");
        let answer = store.get(&session_id).is_some_and(|(written, until)| *written + delay <= now && now < *until);
        cache.insert(session_id, (answer, now));
        Ok(answer)
    }

    async fn behave(&self) -> Result<(), RevocationListError> {
        let fault_mode = *self.fault_mode.lock().expect("unpoisoned");
        match fault_mode {
            FaultMode::Well => Ok(()),
            FaultMode::Failing => Err(RevocationListError("503 from KV".to_owned())),
            FaultMode::Hanging => std::future::pending().await,
        }
    }
}

impl RevocationList for Kv {
    fn contains(&self, session_id: Uuid) -> BoxFuture<'_, Result<bool, RevocationListError>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.behave().await?;
            self.look(session_id)
        })
    }

    fn add(&self, session_id: Uuid, lifetime: TimeDelta) -> BoxFuture<'_, Result<(), RevocationListError>> {
        Box::pin(async move {
            assert!(lifetime >= TimeDelta::seconds(60), "KV refuses a shorter expiry");
            self.written.fetch_add(1, Ordering::SeqCst);
            self.behave().await?;
            self.clock.advance(*self.writing.lock().expect("unpoisoned"));
            let now = self.clock.now();
            self.store.lock().expect("unpoisoned").insert(session_id, (now, now + lifetime));
            Ok(())
        })
    }
}
