//! Several changes in stages, with few waits for the disk: one for the content of all files and for what is
//! there already, and one for the directories of each stage. Within a wait the syncs go side by side.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::Arc;

use super::change::{self, Temporary, name, source};
use super::directories::Made;
use super::disk::{Directory, Disk, split};
use super::fault::{fault, missing_or};
use super::look;
use super::side_by_side::{Target, side_by_side};
use crate::driver::{
    Change, Condition, DeleteOptions, DriverError, Key, Operation, ReadOptions, remains,
};

pub(super) fn publish(disk: &Arc<Disk>, stages: Vec<Vec<Change>>) -> Result<(), DriverError> {
    let stages = stages.into_iter().map(|stage| {
        let prepared = stage.into_iter().map(|change| {
            let key = change.key().clone();
            Prepared::new(disk, change).map_err(|error| error.about(&key))
        });
        prepared.collect::<Result<Vec<_>, _>>()
    });
    let stages = stages.collect::<Result<Vec<_>, _>>()?;
    let unsynced = stages.iter().flatten().map(Prepared::unsynced);
    let unsynced: io::Result<Vec<_>> = unsynced.collect();
    let unsynced = unsynced.map_err(|error| fault(Operation::Put, error))?;
    side_by_side(disk, unsynced.into_iter().flatten().collect())?;
    stages.into_iter().try_for_each(|stage| show(disk, stage))
}

/// The directory of a file that is there.
fn parent(disk: &Arc<Disk>, key: &Key) -> Result<Made, DriverError> {
    let made = Made::existing(disk, &key.parent().unwrap_or_default());
    made.map_err(|error| missing_or(Operation::Stat, key, error))
}

/// Whether a file has this content.
fn holds(disk: &Disk, key: &Key, content: &[u8]) -> Result<bool, DriverError> {
    let options = ReadOptions::new(content.len() as u64);
    match look::read(disk, key, options) {
        Ok(there) => Ok(there == content),
        Err(DriverError::TooLarge { .. }) => Ok(false),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// A change of which nothing is seen yet.
enum Prepared<'d> {
    Put(Temporary<'d>, Key),
    /// With the directory it is in, and the lock.
    Rename(Directory, File, Key, Key),
    /// The directory it is in.
    Keep(Made),
    /// With the directory it is in, and the lock.
    Sync(Made, File, Key),
    Discard(Key),
}

impl<'d> Prepared<'d> {
    fn new(disk: &'d Arc<Disk>, change: Change) -> Result<Self, DriverError> {
        let at = |error| fault(Operation::Put, error);
        Ok(match change {
            Change::Put(key, content) => {
                split(&key).map_err(at)?;
                Self::Put(Temporary::create(disk, content).map_err(at)?, key)
            }
            Change::Ensure(key, content) if holds(disk, &key, &content)? => {
                return Self::new(disk, Change::Keep(key));
            }
            Change::Ensure(key, content) => return Self::new(disk, Change::Put(key, content)),
            Change::Rename(from, to) => {
                let (directory, _, locked) = source(disk, &from)?;
                Self::Rename(directory, locked, from, to)
            }
            Change::Keep(key) => {
                let made = parent(disk, &key)?;
                look::stat(disk, &key)?;
                Self::Keep(made)
            }
            Change::Sync(key) => {
                let (_, _, locked) = source(disk, &key)?;
                Self::Sync(parent(disk, &key)?, locked, key)
            }
            Change::Discard(key) => Self::Discard(key),
        })
    }

    /// What has to be durable before anything of any stage is seen.
    fn unsynced(&self) -> io::Result<Vec<Target>> {
        match self {
            Self::Put(file, _) => Ok(vec![Target::file(&file.file, file.key())?]),
            Self::Rename(_, file, from, _) => Ok(vec![Target::file(file, from.clone())?]),
            Self::Keep(made) => made.unsynced().map(Target::directory).collect(),
            Self::Sync(made, file, key) => std::iter::once(Target::file(file, key.clone()))
                .chain(made.unsynced().map(Target::directory))
                .collect(),
            Self::Discard(_) => Ok(Vec::new()),
        }
    }

    /// Lets the change be seen. What is given back has to be synced then.
    fn show(self, disk: &Arc<Disk>) -> Result<Option<(Made, Option<Directory>)>, DriverError> {
        match self {
            Self::Put(mut file, to) => {
                let named = name(disk, file.place(), &to, Condition::Any);
                let (made, _) = named.map_err(|error| fault(Operation::Put, error).about(&to))?;
                file.moved = true;
                Ok(Some((made, None)))
            }
            Self::Rename(directory, _locked, from, to) => {
                let place = (&directory, from.name().unwrap_or_default());
                let named = name(disk, place, &to, Condition::Any);
                let (made, _) =
                    named.map_err(|error| fault(Operation::Rename, error).about(&to))?;
                Ok(Some((made, Some(directory))))
            }
            Self::Keep(made) | Self::Sync(made, ..) => {
                made.synced();
                Ok(None)
            }
            Self::Discard(key) => {
                let volatile = DeleteOptions::volatile();
                remains(&key, change::delete_tree(disk, &key, volatile));
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
    let targets = directories.into_values().map(Target::directory);
    let targets: io::Result<Vec<_>> = targets.collect();
    side_by_side(disk, targets.map_err(|error| fault(Operation::Put, error))?)?;
    for (made, _) in shown {
        made.synced();
    }
    Ok(())
}
