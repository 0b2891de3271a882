//! Directories that are made on the way to a file, and made durable with it.
//!
//! Two writers may need the same new directory. One makes it; the other finds it there and must not
//! answer before the entry is durable, though it never made it. So what is made and not yet synced is
//! known to all: who builds on such a directory syncs it, too.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::disk::{Directory, Disk};
use crate::driver::Key;

/// Directories whose entry in their parent may not be durable, with the number of their makers.
#[derive(Debug, Default)]
pub(super) struct Unsynced(Mutex<BTreeMap<Key, usize>>);

impl Unsynced {
    fn held(&self) -> MutexGuard<'_, BTreeMap<Key, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before a directory is made: nobody can find it and not see it here.
    fn enter(&self, key: &Key) {
        *self.held().entry(key.clone()).or_default() += 1;
    }

    fn leave(&self, key: &Key) {
        let mut held = self.held();
        if let Some(makers) = held.get_mut(key) {
            *makers -= 1;
            if *makers == 0 {
                held.remove(key);
            }
        }
    }

    /// Those on the way to `key`, itself included.
    fn on_the_way(&self, key: &Key) -> Vec<Key> {
        let held = self.held();
        if held.is_empty() {
            return Vec::new();
        }
        std::iter::successors(Some(key.clone()), Key::parent)
            .filter(|ancestor| held.contains_key(ancestor))
            .collect()
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
}

impl Made {
    /// Opens a directory, and makes it, and those above it, where they are missing.
    pub(super) fn at(disk: &Arc<Disk>, key: &Key) -> io::Result<Self> {
        match disk.directory(key) {
            Ok(directory) => Self::found(disk, directory),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(disk, key),
            Err(error) => Err(error),
        }
    }

    fn found(disk: &Arc<Disk>, directory: Directory) -> io::Result<Self> {
        let mut above = Vec::new();
        if disk.is_durable() {
            for unsynced in disk.unsynced.on_the_way(&directory.key) {
                above.push(disk.directory(&unsynced.parent().unwrap_or_default())?);
            }
        }
        Ok(Self {
            disk: disk.clone(),
            directory,
            above,
            entered: Vec::new(),
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

    /// Makes the directories above durable, and so this one's own place.
    pub(super) fn sync_above(&mut self) -> io::Result<()> {
        while let Some(directory) = self.above.first() {
            self.disk.sync_directory(directory)?;
            self.above.remove(0);
        }
        for key in self.entered.drain(..) {
            self.disk.unsynced.leave(&key);
        }
        Ok(())
    }

    /// Makes what is in this directory durable, too.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.disk.sync_directory(&self.directory)?;
        self.sync_above()
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
