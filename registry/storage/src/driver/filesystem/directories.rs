//! Directories that are made on the way to a file, and made durable with it.
//!
//! Two writers may need the same new directory. One makes it; the other finds it there and must not
//! answer before the entry is durable, though it never made it. So what is made and not yet synced is
//! known to all: who builds on such a directory syncs it, too. Volatile files leave their directories in
//! that state, until somebody needs them to last.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::{Directory, Disk};
use crate::driver::Key;

/// Directories whose entry in their parent may not be durable.
#[derive(Debug, Default)]
pub(super) struct Unsynced(Mutex<Marks>);

#[derive(Debug, Default)]
struct Marks {
    of: BTreeMap<Key, Mark>,
    /// How often a directory was left.
    departures: u64,
}

#[derive(Debug, Default)]
struct Mark {
    /// Who is making it, and is going to sync it.
    makers: usize,
    /// When it was last left by one who did not: a number of `departures`.
    left: Option<u64>,
}

/// A directory that was left, and when.
type Left = (Key, Option<u64>);

/// With so many known, nothing more is left unsynced.
const MOST: usize = 10_000;

impl Unsynced {
    fn held(&self) -> MutexGuard<'_, Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is no room for more.
    pub(super) fn is_full(&self) -> bool {
        self.held().of.len() >= MOST
    }

    /// Before a directory is made: nobody can find it and not see it here.
    fn enter(&self, key: &Key) {
        self.held().of.entry(key.clone()).or_default().makers += 1;
    }

    /// It was synced, or else is left as it is.
    fn leave(&self, key: &Key, synced: bool) {
        let mut held = self.held();
        held.departures += 1;
        let now = held.departures;
        if let Some(mark) = held.of.get_mut(key) {
            mark.makers -= 1;
            if !synced {
                mark.left = Some(now);
            }
            if mark.makers == 0 && mark.left.is_none() {
                held.of.remove(key);
            }
        }
    }

    /// Those on the way to `key`, itself included.
    fn on_the_way(&self, key: &Key) -> Vec<Left> {
        let held = self.held();
        if held.of.is_empty() {
            return Vec::new();
        }
        std::iter::successors(Some(key.clone()), Key::parent)
            .filter_map(|ancestor| {
                let left = held.of.get(&ancestor)?.left;
                Some((ancestor, left))
            })
            .collect()
    }

    /// `key` and what is below it, where it was left.
    pub(super) fn left_below(&self, key: &Key) -> Vec<Left> {
        let held = self.held();
        held.of
            .range(key..)
            .take_while(|(other, _)| other.as_str().starts_with(key.as_str()))
            .filter(|(other, mark)| mark.left.is_some() && (*other == key || other.is_below(key)))
            .map(|(other, mark)| (other.clone(), mark.left))
            .collect()
    }

    /// They are synced or gone by now, unless they were left anew.
    pub(super) fn forget(&self, directories: impl IntoIterator<Item = Left>) {
        let mut held = self.held();
        for (key, left) in directories {
            if let Some(mark) = held.of.get_mut(&key) {
                if mark.left == left {
                    mark.left = None;
                }
                if mark.makers == 0 && mark.left.is_none() {
                    held.of.remove(&key);
                }
            }
        }
    }
}

/// A directory that is there, and what has to be synced before anything in it is durable.
#[derive(Debug)]
pub(super) struct Made {
    disk: Arc<Disk>,
    pub(super) directory: Directory,
    /// Directories with new entries, the deepest first.
    above: Vec<Directory>,
    /// What was entered as unsynced.
    entered: Vec<Key>,
    /// What others had left.
    found: Vec<Left>,
}

impl Made {
    /// Opens a directory, and makes it, and those above it, where they are missing.
    pub(super) fn at(disk: &Arc<Disk>, key: &Key) -> io::Result<Self> {
        match Self::existing(disk, key) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(disk, key),
            made => made,
        }
    }

    /// Opens a directory that is there.
    pub(super) fn existing(disk: &Arc<Disk>, key: &Key) -> io::Result<Self> {
        let directory = disk.directory(key)?;
        let (mut above, mut found) = (Vec::new(), Vec::new());
        if disk.is_durable() {
            found = disk.unsynced.on_the_way(key);
            for (unsynced, _) in &found {
                above.push(disk.directory(&unsynced.parent().unwrap_or_default())?);
            }
        }
        Ok(Self {
            disk: disk.clone(),
            directory,
            above,
            entered: Vec::new(),
            found,
        })
    }

    fn make(disk: &Arc<Disk>, key: &Key) -> io::Result<Self> {
        let (parent, name) = super::disk::split(key)?;
        let mut made = Self::at(disk, &parent)?;
        if disk.is_durable() {
            disk.unsynced.enter(key);
            made.entered.push(key.clone());
        }
        let directory = disk.make_directory(&made.directory, name)?;
        let parent = std::mem::replace(&mut made.directory, directory);
        made.above.insert(0, parent);
        Ok(made)
    }

    /// All that has to be synced before what is in this directory is durable, the deepest first.
    pub(super) fn unsynced(&self) -> impl Iterator<Item = &Directory> {
        std::iter::once(&self.directory).chain(&self.above)
    }

    /// All of it is synced.
    pub(super) fn synced(mut self) {
        self.settle();
    }

    /// None of it is going to be synced now.
    pub(super) fn leave(mut self) {
        for key in self.entered.drain(..) {
            self.disk.unsynced.leave(&key, false);
        }
    }

    /// Makes the directories above durable, and so this one's own place.
    pub(super) fn sync_above(&mut self) -> io::Result<()> {
        while let Some(directory) = self.above.first() {
            self.disk.sync_directory(directory)?;
            self.above.remove(0);
        }
        self.settle();
        Ok(())
    }

    /// Makes what is in this directory durable, too.
    pub(super) fn sync(mut self) -> io::Result<()> {
        self.disk.sync_directory(&self.directory)?;
        self.sync_above()
    }

    fn settle(&mut self) {
        for key in self.entered.drain(..) {
            self.disk.unsynced.leave(&key, true);
        }
        if !self.found.is_empty() {
            self.disk.unsynced.forget(self.found.drain(..));
        }
    }
}

/// Whatever went wrong meanwhile, the directories stay, and others may build on them. Where even this
/// sync fails they remain known as unsynced.
impl Drop for Made {
    fn drop(&mut self) {
        if !self.entered.is_empty() {
            let _ = self.sync_above();
        }
    }
}
