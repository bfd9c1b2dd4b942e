//! The places for calls that hash a password, in one isolate. Hashing takes a quarter of a second
//! of its one thread: without a bound, a burst of sign-ins would hold up everything else in it.
//!
//! A place is given back when its call is done with it, and at the latest when the time limit of
//! the call has passed: a platform may stop polling a call without dropping it, for a client that
//! hung up. A network may hold three quarters of the places, so that there is always one for
//! somebody else.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::domain::policy;

/// The places of an isolate.
#[derive(Default)]
pub struct HashSlots {
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    by: Vec<Holder>,
    next_id: u64,
    /// Whether a call was refused since one last got a place.
    refusing: bool,
}

struct Holder {
    id: u64,
    network: String,
    count: usize,
    until: DateTime<Utc>,
}

/// One call's right to hash; given back when dropped.
pub struct HashSlot {
    taken: Arc<Mutex<Taken>>,
    id: u64,
}

/// All places that a call could have are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{taken} places for hashing are taken, {by_network} of them by this network; there are {limit}")]
pub struct Full {
    /// By all calls.
    pub taken: usize,
    /// By calls from the network of the one that was refused.
    pub by_network: usize,
    /// How many there are.
    pub limit: usize,
    /// Whether this is the first refusal since a call last got a place.
    pub is_first: bool,
}

impl HashSlots {
    /// Takes `count` places of `limit` for a call that begins `now` and comes from `network`. A
    /// call that hashes more often than there are places gets them when no other call has any.
    ///
    /// # Errors
    /// [`Full`].
    pub fn take(&self, network: &str, count: usize, limit: usize, now: DateTime<Utc>) -> Result<HashSlot, Full> {
        let mut taken = lock(&self.taken);
        taken.forget_before(now);
        let sum = |holders: &mut dyn Iterator<Item = &Holder>| holders.map(|holder| holder.count).sum::<usize>();
        let all = sum(&mut taken.by.iter());
        let own = sum(&mut taken.by.iter().filter(|holder| holder.network == network));
        let fits = |held: usize, room: usize| held == 0 || held + count <= room;
        if !fits(all, limit) || !fits(own, policy::hashes_of_one_network(limit)) {
            let is_first = !std::mem::replace(&mut taken.refusing, true);
            return Err(Full { taken: all, by_network: own, limit, is_first });
        }
        taken.refusing = false;
        taken.next_id += 1;
        let id = taken.next_id;
        let until = now + policy::REQUEST_TIMEOUT;
        taken.by.push(Holder { id, network: network.to_owned(), count, until });
        Ok(HashSlot { taken: Arc::clone(&self.taken), id })
    }

    /// How many are taken at `now`.
    #[must_use]
    pub fn taken(&self, now: DateTime<Utc>) -> usize {
        let mut taken = lock(&self.taken);
        taken.forget_before(now);
        taken.by.iter().map(|holder| holder.count).sum()
    }
}

impl Taken {
    fn forget_before(&mut self, now: DateTime<Utc>) {
        self.by.retain(|holder| holder.until > now);
    }
}

impl HashSlot {
    /// Takes `more` places, whether they are free or not: what turns out to hash for longer keeps
    /// newcomers out for longer. It goes on itself, since its attempt is counted already.
    pub fn take_more(&mut self, more: usize) {
        if let Some(holder) = lock(&self.taken).by.iter_mut().find(|holder| holder.id == self.id) {
            holder.count += more;
        }
    }
}

impl Drop for HashSlot {
    fn drop(&mut self) {
        lock(&self.taken).by.retain(|holder| holder.id != self.id);
    }
}

/// A panic elsewhere leaves the list as it was: each change of it is one step.
fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}
