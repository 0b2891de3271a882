//! What is being published, and may be seen before it is durable.
//!
//! Whoever answers for something that builds on what somebody else wrote has to know that it lasts. A link
//! can be seen a moment before its directory is synced, and stays when that sync fails. Such keys are known
//! here, and who builds on one makes sure of it in the same publish.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::driver::{Change, Key};

/// The keys that may not be durable.
#[derive(Debug, Default)]
pub(super) struct Doubts(Mutex<BTreeMap<Key, Doubt>>);

#[derive(Debug, Default)]
struct Doubt {
    /// How many are at it.
    writers: usize,
    /// Whether one of them failed.
    left: bool,
}

impl Doubts {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Key, Doubt>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before changes are made: nobody can see one of them and not find it here.
    pub(super) fn enter(&self, stages: &[Vec<Change>]) -> Entered<'_> {
        let keys = stages.iter().flatten().filter_map(|change| match change {
            Change::Put(key, _)
            | Change::Ensure(key, _)
            | Change::Rename(_, key)
            | Change::Keep(key) => Some(key.clone()),
            Change::Sync(_) | Change::Discard(_) => None,
        });
        let keys: Vec<Key> = keys.collect();
        let mut held = self.held();
        for key in &keys {
            held.entry(key.clone()).or_default().writers += 1;
        }
        drop(held);
        Entered { doubts: self, keys }
    }

    /// Whether what was seen under a key may not be durable. Asked before it was seen, the answer would mean
    /// nothing.
    pub(super) fn is_in_doubt(&self, key: &Key) -> bool {
        self.held().contains_key(key)
    }
}

/// Changes that are being made. Unless they are said to be durable they stay in doubt.
#[derive(Debug)]
pub(super) struct Entered<'d> {
    doubts: &'d Doubts,
    keys: Vec<Key>,
}

impl Entered<'_> {
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// All of it lasts.
    pub(super) fn durable(mut self) {
        self.leave(|_, _| false);
    }

    /// It failed, and this is what cannot be seen even so. What another writer left in doubt stays so.
    pub(super) fn failed(mut self, unseen: &[Key]) {
        self.leave(|key, was_left| was_left || !unseen.contains(key));
    }

    fn leave(&mut self, left: impl Fn(&Key, bool) -> bool) {
        let mut held = self.doubts.held();
        for key in self.keys.drain(..) {
            if let Some(doubt) = held.get_mut(&key) {
                doubt.writers -= 1;
                doubt.left = left(&key, doubt.left);
                if doubt.writers == 0 && !doubt.left {
                    held.remove(&key);
                }
            }
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.leave(|_, _| true);
    }
}
