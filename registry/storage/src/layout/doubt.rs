//! What is being published, and may be seen before it is durable.
//!
//! Whoever answers for something that builds on what somebody else wrote has to know that it lasts. A link
//! can be seen a moment before its directory is synced, and stays when that sync fails. Such keys are known
//! here, and who builds on one makes sure of it in the same publish.
//!
//! A key is forgotten once it is made sure of, or what it names is removed. Hazard: a disk that fails for long
//! leaves ever more of them. Past [`MOST`] no further key is kept, and all that there is counts as being in
//! doubt from then on, until the process is started anew: that costs syncs, and never trusts a key wrongly.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::driver::{Change, Key};

/// So many keys are kept that were left in doubt.
const MOST: usize = 10_000;

/// The keys that may not be durable.
#[derive(Debug, Default)]
pub(super) struct Doubts(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    keys: BTreeMap<Key, Doubt>,
    /// How many of them were left.
    left: usize,
    /// How many times a key was left: what came before and what after a removal is told by it.
    times: u64,
    /// More were left than are kept.
    is_over: bool,
}

#[derive(Debug, Default)]
struct Doubt {
    /// How many are at it.
    writers: usize,
    /// If one of them failed: the number of the last time that one did.
    left: Option<u64>,
}

/// The moment before something is removed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(u64);

impl Doubts {
    fn held(&self) -> MutexGuard<'_, Held> {
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
            held.keys.entry(key.clone()).or_default().writers += 1;
        }
        drop(held);
        Entered { doubts: self, keys }
    }

    /// Whether what was seen under a key may not be durable. Asked before it was seen, the answer would mean
    /// nothing.
    pub(super) fn is_in_doubt(&self, key: &Key) -> bool {
        let held = self.held();
        held.is_over || held.keys.contains_key(key)
    }

    /// Before a key is removed, and all below it.
    pub(super) fn before_removal(&self) -> Moment {
        Moment(self.held().times)
    }

    /// Nothing is left of what could be seen under a key, or below it, at that moment.
    pub(super) fn removed(&self, key: &Key, since: Moment) {
        let mut held = self.held();
        let near = held.keys.range(key.clone()..);
        let near = near.take_while(|(of, _)| of.as_str().starts_with(key.as_str()));
        let gone = near.filter(|(of, doubt)| {
            let is_of_it = *of == key || of.is_below(key);
            is_of_it && doubt.left.is_some_and(|time| time <= since.0)
        });
        let gone: Vec<Key> = gone.map(|(of, _)| of.clone()).collect();
        for key in &gone {
            held.change(key, |doubt| doubt.left = None);
        }
    }
}

impl Held {
    /// Changes a doubt that is there, and forgets it if nothing is left of it or there is no room for it.
    fn change(&mut self, key: &Key, change: impl FnOnce(&mut Doubt)) {
        let Some(doubt) = self.keys.get_mut(key) else {
            return;
        };
        let was_left = doubt.left.is_some();
        change(doubt);
        let is_written = doubt.writers > 0;
        match (was_left, doubt.left.is_some()) {
            (false, true) if self.left == MOST => {
                doubt.left = None;
                if !std::mem::replace(&mut self.is_over, true) {
                    tracing::warn!(
                        "so many syncs failed that all files are synced again until the next start"
                    );
                }
            }
            (false, true) => self.left += 1,
            (true, false) => self.left -= 1,
            _ => {}
        }
        if !is_written && doubt.left.is_none() {
            self.keys.remove(key);
        }
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
            held.times += 1;
            let time = held.times;
            held.change(&key, |doubt| {
                doubt.writers -= 1;
                let is_left = left(&key, doubt.left.is_some());
                doubt.left = is_left.then_some(time);
            });
        }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.leave(|_, _| true);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    fn entered<'d>(doubts: &'d Doubts, text: &str) -> Entered<'d> {
        doubts.enter(&[vec![Change::Put(key(text), Bytes::new())]])
    }

    fn leave(doubts: &Doubts, text: &str) {
        entered(doubts, text).failed(&[]);
    }

    fn known(doubts: &Doubts) -> usize {
        doubts.held().keys.len()
    }

    #[test]
    fn what_is_left_is_in_doubt_until_it_is_made_sure_of() {
        let doubts = Doubts::default();
        leave(&doubts, "a");
        assert!(doubts.is_in_doubt(&key("a")) && !doubts.is_in_doubt(&key("b")));
        entered(&doubts, "a").durable();
        assert!(!doubts.is_in_doubt(&key("a")));
        assert_eq!((known(&doubts), doubts.held().left), (0, 0));
    }

    #[test]
    fn what_is_removed_is_forgotten_with_all_below_it() {
        let doubts = Doubts::default();
        for text in ["a/b", "a/b/c", "a/b-c", "a/bc", "a"] {
            leave(&doubts, text);
        }
        let before = doubts.before_removal();
        doubts.removed(&key("a/b"), before);
        for (text, is_left) in [
            ("a/b", false),
            ("a/b/c", false),
            ("a/b-c", true),
            ("a/bc", true),
            ("a", true),
        ] {
            assert_eq!(doubts.is_in_doubt(&key(text)), is_left, "{text}");
        }
        assert_eq!((known(&doubts), doubts.held().left), (3, 3));
    }

    #[test]
    fn what_is_left_during_a_removal_stays_in_doubt() {
        let doubts = Doubts::default();
        let writer = entered(&doubts, "a");
        let before = doubts.before_removal();
        writer.failed(&[]);
        doubts.removed(&key("a"), before);
        assert!(doubts.is_in_doubt(&key("a")));
        // Of one that is still written to, the writer tells.
        let writer = entered(&doubts, "a");
        let before = doubts.before_removal();
        doubts.removed(&key("a"), before);
        assert!(doubts.is_in_doubt(&key("a")));
        writer.failed(&[key("a")]);
        assert_eq!((known(&doubts), doubts.held().left), (0, 0));
    }

    #[test]
    fn past_the_limit_no_key_is_kept_and_all_are_in_doubt() {
        let doubts = Doubts::default();
        for number in 0..MOST {
            leave(&doubts, &format!("left/{number}"));
        }
        assert!(!doubts.is_in_doubt(&key("other")));
        // One that is known takes no further room.
        leave(&doubts, "left/0");
        assert!(!doubts.is_in_doubt(&key("other")));
        for number in 0..10 {
            leave(&doubts, &format!("more/{number}"));
        }
        assert_eq!(known(&doubts), MOST);
        let before = doubts.before_removal();
        doubts.removed(&key("left"), before);
        assert_eq!(known(&doubts), 0);
        assert!(
            ["left/1", "more/1", "other"]
                .iter()
                .all(|text| doubts.is_in_doubt(&key(text)))
        );
    }
}
