//! What one isolate remembers to save work: so many entries and no more, the oldest goes first. Not
//! here: how long an entry holds, which the value says.

use std::borrow::Borrow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Values by key, of which the newest `most` keys are kept.
pub struct BoundedMemory<K, V> {
    most: usize,
    entries: Mutex<Entries<K, V>>,
}

struct Entries<K, V> {
    values: BTreeMap<K, V>,
    /// The keys, in the order in which they came first.
    order: VecDeque<K>,
}

impl<K: Ord + Clone, V: Clone> BoundedMemory<K, V> {
    /// Remembers nothing yet.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Self { most, entries: Mutex::new(Entries { values: BTreeMap::new(), order: VecDeque::new() }) }
    }

    /// The value that was remembered last under this key.
    #[must_use]
    pub fn recall<Q: Ord + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.with(|entries| entries.values.get(key).cloned())
    }

    /// Remembers a value. One under a key that is known takes the place of the earlier one, and
    /// makes it no younger.
    pub fn remember(&self, key: K, value: V) {
        self.with(|entries| {
            if entries.values.insert(key.clone(), value).is_some() {
                return;
            }
            entries.order.push_back(key);
            if entries.order.len() > self.most
                && let Some(oldest) = entries.order.pop_front()
            {
                entries.values.remove(&oldest);
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Entries<K, V>) -> T) -> T {
        work(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
