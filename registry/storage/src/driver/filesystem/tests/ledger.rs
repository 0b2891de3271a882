//! A disk that knows what a power cut would take away.

use std::collections::BTreeSet;

use super::super::Step;
use super::key;
use crate::driver::Key;

/// What was done, and what of it is not durable.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) steps: Vec<Step>,
    pub(crate) files: BTreeSet<Key>,
    /// With new or lost entries.
    pub(crate) directories: BTreeSet<Key>,
    /// What nobody was promised, beside what is being written.
    volatile: fn(&Key) -> bool,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::sparing(|_| false)
    }
}

fn parent(key: &Key) -> Key {
    key.parent().unwrap()
}

impl Ledger {
    /// One that does not mind if something is lost.
    pub(crate) fn sparing(volatile: fn(&Key) -> bool) -> Self {
        Self {
            steps: Vec::new(),
            files: BTreeSet::new(),
            directories: BTreeSet::new(),
            volatile,
        }
    }

    pub(crate) fn see(&mut self, step: &Step) {
        match step {
            Step::MakeDirectory(key) => {
                self.directories.insert(parent(key));
            }
            Step::Unlink(key) => {
                self.files.remove(key);
                self.directories.insert(parent(key));
            }
            Step::Create(key) => {
                self.directories.insert(parent(key));
                self.files.insert(key.clone());
            }
            Step::Write { key, .. } | Step::Cut { key, .. } => {
                self.files.insert(key.clone());
            }
            Step::SyncFile(key) => {
                self.files.remove(key);
            }
            Step::SyncDirectory(key) => {
                self.directories.remove(key);
            }
            Step::Rename { from, to, .. } => self.see_rename(from, to),
            Step::Link { from, to } => {
                self.directories.insert(parent(to));
                if self.files.contains(from) {
                    self.files.insert(to.clone());
                }
            }
            Step::Reserve { .. } | Step::RemoveTree(_) => {}
        }
        self.steps.push(step.clone());
    }

    fn see_rename(&mut self, from: &Key, to: &Key) {
        if self.files.remove(from) {
            assert!((self.volatile)(to), "{from} becomes {to} and is not synced");
            self.files.insert(to.clone());
        } else {
            self.files.remove(to);
        }
        let moved = |key: &Key| key == from || key.is_below(from);
        self.directories.retain(|key| !moved(key));
        self.files.retain(|key| !moved(key));
        self.directories.extend([parent(from), parent(to)]);
    }

    /// At an answer nothing may be lost, except what nobody looks for.
    #[track_caller]
    pub(crate) fn assert_durable(&self) {
        let aside = key(".registry");
        let minded = |key: &&Key| **key != aside && !key.is_below(&aside) && !(self.volatile)(key);
        let lost: Vec<_> = self
            .files
            .iter()
            .chain(&self.directories)
            .filter(minded)
            .collect();
        assert!(lost.is_empty(), "{lost:?} of {:#?}", self.steps);
    }

    /// How many syncs there were, and how many waits for them: those that follow upon another go side by
    /// side. Then it begins anew.
    pub(crate) fn take_syncs(&mut self) -> (usize, usize) {
        let is_sync = |step: &Step| matches!(step, Step::SyncFile(_) | Step::SyncDirectory(_));
        let steps = std::mem::take(&mut self.steps);
        let syncs = steps.iter().filter(|step| is_sync(step)).count();
        let waits = steps.chunk_by(|one, next| is_sync(one) == is_sync(next));
        (syncs, waits.filter(|steps| is_sync(&steps[0])).count())
    }
}
