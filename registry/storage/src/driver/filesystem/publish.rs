//! Several changes in stages, with few waits for the disk: one for the content of all files and for what is
//! there already, and one for the directories of each stage. Within a wait the syncs go side by side.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::thread;

use super::change::{Temporary, name, source};
use super::directories::Made;
use super::disk::{Directory, Disk, split};
use super::fault::{fault, missing_or};
use super::look;
use crate::driver::{Change, Condition, DriverError, Key, Operation};

pub(super) fn publish(disk: &Arc<Disk>, stages: Vec<Vec<Change>>) -> Result<(), DriverError> {
    let stages = stages.into_iter().map(|stage| {
        let prepared = stage.into_iter().map(|change| Prepared::new(disk, change));
        prepared.collect::<Result<Vec<_>, _>>()
    });
    let stages = stages.collect::<Result<Vec<_>, _>>()?;
    let unsynced = stages.iter().flatten().flat_map(Prepared::unsynced);
    let unsynced: Vec<_> = unsynced.collect();
    side_by_side(disk, &unsynced, |unsynced| match unsynced {
        Unsynced::File(file) => disk.sync_file(&file.file, &file.key()),
        Unsynced::Directory(directory) => disk.sync_directory(directory),
    })?;
    drop(unsynced);
    stages.into_iter().try_for_each(|stage| show(disk, stage))
}

/// A change of which nothing is seen yet.
enum Prepared<'d> {
    Put(Temporary<'d>, Key),
    /// With the directory it is in, and the lock.
    Rename(Directory, File, Key, Key),
    /// The directory it is in.
    Keep(Made),
}

/// What has to be durable before anything of any stage is seen.
enum Unsynced<'p, 'd> {
    File(&'p Temporary<'d>),
    Directory(&'p Directory),
}

impl<'d> Prepared<'d> {
    fn new(disk: &'d Arc<Disk>, change: Change) -> Result<Self, DriverError> {
        let at = |error| fault(Operation::Put, error);
        Ok(match change {
            Change::Put(key, content) => {
                split(&key).map_err(at)?;
                Self::Put(Temporary::create(disk, content).map_err(at)?, key)
            }
            Change::Rename(from, to) => {
                let (directory, _, locked) = source(disk, &from)?;
                Self::Rename(directory, locked, from, to)
            }
            Change::Keep(key) => {
                let made = Made::existing(disk, &key.parent().unwrap_or_default());
                let made = made.map_err(|error| missing_or(Operation::Stat, &key, error))?;
                look::stat(disk, &key)?;
                Self::Keep(made)
            }
        })
    }

    fn unsynced(&self) -> Vec<Unsynced<'_, 'd>> {
        match self {
            Self::Put(file, _) => vec![Unsynced::File(file)],
            Self::Rename(..) => Vec::new(),
            Self::Keep(made) => made.unsynced().map(Unsynced::Directory).collect(),
        }
    }

    /// Lets the change be seen. What is given back has to be synced then.
    fn show(self, disk: &Arc<Disk>) -> Result<Option<(Made, Option<Directory>)>, DriverError> {
        match self {
            Self::Put(mut file, to) => {
                let named = name(disk, file.place(), &to, Condition::Any);
                let (made, _) = named.map_err(|error| fault(Operation::Put, error))?;
                file.moved = true;
                Ok(Some((made, None)))
            }
            Self::Rename(directory, _locked, from, to) => {
                let place = (&directory, from.name().unwrap_or_default());
                let named = name(disk, place, &to, Condition::Any);
                let (made, _) = named.map_err(|error| fault(Operation::Rename, error))?;
                Ok(Some((made, Some(directory))))
            }
            Self::Keep(made) => {
                made.synced();
                Ok(None)
            }
        }
    }
}

/// Makes the changes of a stage, and makes them durable. Several may be in the same directory.
fn show(disk: &Arc<Disk>, stage: Vec<Prepared<'_>>) -> Result<(), DriverError> {
    let shown = stage
        .into_iter()
        .filter_map(|change| change.show(disk).transpose());
    let shown = shown.collect::<Result<Vec<_>, _>>()?;
    let directories = shown
        .iter()
        .flat_map(|(made, left)| made.unsynced().chain(left));
    let directories: BTreeMap<&Key, &Directory> = directories
        .map(|directory| (&directory.key, directory))
        .collect();
    let directories: Vec<_> = directories.into_values().collect();
    side_by_side(disk, &directories, |directory| {
        disk.sync_directory(directory)
    })?;
    for (made, _) in shown {
        made.synced();
    }
    Ok(())
}

/// Syncs several things at once: the first here, each other one in a thread of its own, which costs far less
/// than waiting for the disk once more.
fn side_by_side<T: Sync>(
    disk: &Disk,
    all: &[T],
    sync: impl Fn(&T) -> io::Result<()> + Sync,
) -> Result<(), DriverError> {
    let Some((first, others)) = all.split_first().filter(|_| disk.is_durable()) else {
        return Ok(());
    };
    let synced = thread::scope(|scope| {
        let sync = &sync;
        let spawn = |other| thread::Builder::new().spawn_scoped(scope, move || sync(other));
        let spawned: Vec<_> = others.iter().map(spawn).collect();
        let mut synced = sync(first);
        for (thread, other) in spawned.into_iter().zip(others) {
            let done = match thread {
                Ok(thread) => thread
                    .join()
                    .unwrap_or_else(|_| Err(io::Error::other("a sync broke off"))),
                // No more threads: then one after the other.
                Err(_) => sync(other),
            };
            synced = synced.and(done);
        }
        synced
    });
    synced.map_err(|error| fault(Operation::Put, error))
}
