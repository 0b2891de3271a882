//! Locks by key, within this process.
//!
//! They keep two requests from taking apart what the other puts together. Nothing that is acknowledged
//! rests on them alone: the order of writes does, which holds between processes too.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// Held by one alone.
pub(crate) type Exclusive = OwnedRwLockWriteGuard<()>;
/// Held by several at once, while nobody has it alone.
pub(crate) type Shared = OwnedRwLockReadGuard<()>;

/// A lock for each key; those that nobody holds or waits for are forgotten.
#[derive(Debug)]
pub(crate) struct Locks<K>(Mutex<Table<K>>);

#[derive(Debug)]
struct Table<K> {
    locks: BTreeMap<K, Weak<RwLock<()>>>,
    /// With so many entries the dead ones are looked for.
    sweep_at: usize,
}

const SWEEP_AT_LEAST: usize = 64;

impl<K: Ord + Clone> Locks<K> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Table {
            locks: BTreeMap::new(),
            sweep_at: SWEEP_AT_LEAST,
        }))
    }

    /// Waits until nobody else has the lock.
    pub(crate) async fn exclusive(&self, key: &K) -> Exclusive {
        self.get(key).write_owned().await
    }

    /// The lock alone, if it is free now.
    pub(crate) fn try_exclusive(&self, key: &K) -> Option<Exclusive> {
        self.get(key).try_write_owned().ok()
    }

    /// Waits until nobody has the lock alone.
    pub(crate) async fn shared(&self, key: &K) -> Shared {
        self.get(key).read_owned().await
    }

    fn get(&self, key: &K) -> Arc<RwLock<()>> {
        // The table is whole after every line, so a panic elsewhere does not matter to it.
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = table.locks.get(key).and_then(Weak::upgrade) {
            return lock;
        }
        if table.locks.len() >= table.sweep_at {
            table.locks.retain(|_, lock| lock.strong_count() > 0);
            table.sweep_at = SWEEP_AT_LEAST.max(2 * table.locks.len());
        }
        let lock = Arc::new(RwLock::new(()));
        table.locks.insert(key.clone(), Arc::downgrade(&lock));
        lock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lock_is_held_by_one_alone_or_by_several_together() {
        let locks = Locks::new();
        let first = locks.shared(&"a").await;
        let second = locks.shared(&"a").await;
        assert!(locks.try_exclusive(&"a").is_none());
        drop((first, second));
        let alone = locks.try_exclusive(&"a").unwrap();
        assert!(locks.try_exclusive(&"a").is_none());
        assert!(locks.try_exclusive(&"b").is_some());
        drop(alone);
        assert!(locks.try_exclusive(&"a").is_some());
    }

    #[tokio::test]
    async fn locks_that_nobody_holds_are_forgotten() {
        let locks = Locks::new();
        let held = locks.exclusive(&0).await;
        for key in 1..10_000 {
            drop(locks.exclusive(&key).await);
        }
        assert!(locks.0.lock().unwrap().locks.len() <= 2 * SWEEP_AT_LEAST);
        assert!(locks.try_exclusive(&0).is_none());
        drop(held);
    }
}
