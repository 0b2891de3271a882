//! Operations that change something: each one runs to its end on a blocking thread once it began.
//!
//! Content first, durable; then the name, in one step; then the directories. An error leaves at worst
//! a file that nobody sees, which `sweep` finds by its age.

use std::fs::{File, TryLockError};
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use rustix::fs::OFlags;

use super::alike;
use super::directories::Made;
use super::disk::{Directory, Disk, is_directory, split, unique_name};
use super::fault::{fault, missing_or};
use super::system::has_surplus;
use crate::driver::{Condition, DeleteOptions, DriverError, Key, Operation, PutOptions};

/// How often a directory that somebody deletes at the same moment is made again.
const ATTEMPTS: usize = 8;

pub(super) fn put(
    disk: &Arc<Disk>,
    key: &Key,
    content: Bytes,
    options: PutOptions,
) -> Result<(), DriverError> {
    let at = |error| fault(Operation::Put, error);
    split(key).map_err(at)?;
    let volatile = options.volatile && !disk.unsynced.is_full();
    if volatile && let Some(made) = alike::name_one(disk, key, &content) {
        made.leave();
        return Ok(());
    }
    let mut temporary = Temporary::create(disk, content).map_err(at)?;
    if !volatile {
        disk.sync_file(&temporary.file, &temporary.key())
            .map_err(at)?;
    }
    let named = name(disk, temporary.place(), key, options.condition);
    let published = named.and_then(|(made, named)| {
        temporary.moved = named;
        if volatile && named {
            made.leave();
        } else {
            made.sync()?;
        }
        Ok(named)
    });
    answer(published, key, Operation::Put)
}

pub(super) fn rename(
    disk: &Arc<Disk>,
    from: &Key,
    to: &Key,
    condition: Condition,
) -> Result<(), DriverError> {
    let (directory, from_name, _locked) = source(disk, from)?;
    let named = name(disk, (&directory, from_name), to, condition);
    let published = named.and_then(|(made, named)| made.sync().map(|()| named));
    answer(published, to, Operation::Rename)?;
    disk.sync_directory(&directory)
        .map_err(|error| fault(Operation::Rename, error))
}

/// A file to be renamed: the directory that it is in, its name there, and the lock that keeps others from
/// beginning to append to it meanwhile.
pub(super) fn source<'k>(
    disk: &Disk,
    from: &'k Key,
) -> Result<(Directory, &'k str, File), DriverError> {
    let looked_up = |error| missing_or(Operation::Rename, from, error);
    let (directory, name) = disk.place_of(from).map_err(looked_up)?;
    let file = disk.open_to_read(from).map_err(looked_up)?;
    if !file.metadata().map_err(looked_up)?.is_file() {
        return Err(DriverError::NotFound { key: from.clone() });
    }
    lock(&file, from, Operation::Rename, File::try_lock_shared)?;
    let metadata = file.metadata().map_err(looked_up)?;
    if has_surplus(&metadata) {
        let file = disk.open_to_write(&directory, name, OFlags::empty());
        let cut = file.and_then(|file| disk.cut(&file, from, metadata.len()));
        cut.map_err(|error| fault(Operation::Rename, error))?;
    }
    Ok((directory, name, file))
}

pub(super) fn delete(disk: &Disk, key: &Key) -> Result<(), DriverError> {
    let looked_up = |error| missing_or(Operation::Delete, key, error);
    let (directory, name) = disk.place_of(key).map_err(looked_up)?;
    match disk.unlink(&directory, name) {
        Err(error) if is_directory(&error) => {
            return Err(DriverError::NotFound { key: key.clone() });
        }
        unlinked => unlinked.map_err(looked_up)?,
    }
    disk.sync_directory(&directory)
        .map_err(|error| fault(Operation::Delete, error))
}

/// A file is just unlinked. A tree is moved away in one step, so that nobody sees a part of it, and removed then.
pub(super) fn delete_tree(
    disk: &Arc<Disk>,
    key: &Key,
    options: DeleteOptions,
) -> Result<(), DriverError> {
    let operation = Operation::DeleteTree;
    let looked_up = |error| missing_or(operation, key, error);
    let at = |error| fault(operation, error);
    let (directory, name) = disk.place_of(key).map_err(looked_up)?;
    let sync = || {
        if options.volatile {
            return Ok(());
        }
        disk.sync_directory(&directory).map_err(at)
    };
    match disk.unlink(&directory, name) {
        Err(error) if is_directory(&error) => {}
        unlinked => return unlinked.map_err(looked_up).and_then(|()| sync()),
    }
    let aside = Made::at(disk, disk.temporary()).map_err(at)?;
    let aside_name = unique_name();
    let left = disk.unsynced.left_below(key);
    disk.rename((&directory, name), (&aside.directory, &aside_name), true)
        .map_err(looked_up)?;
    disk.unsynced.forget(left);
    sync()?;
    if let Err(error) = disk.remove_moved(&aside.directory, &aside_name) {
        // It is deleted for everybody; only its space is not free yet.
        tracing::warn!(%key, %error, "a deleted directory is left for the next sweep");
    }
    Ok(())
}

/// Removes what was begun before `before` and never finished.
pub(super) fn sweep(disk: &Disk, before: SystemTime) -> Result<usize, DriverError> {
    let at = |error| fault(Operation::Sweep, error);
    let directory = match disk.directory(disk.temporary()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        directory => directory.map_err(at)?,
    };
    let mut swept = 0;
    for entry in std::fs::read_dir(disk.path_of(disk.temporary())).map_err(at)? {
        let entry = entry.map_err(at)?;
        // A link is neither read nor followed, only removed.
        let old = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|modified| modified < before);
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            continue;
        };
        if !old {
            continue;
        }
        match disk.remove_moved(&directory, &name) {
            Ok(()) => swept += 1,
            // Its owner was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at(error)),
        }
    }
    Ok(swept)
}

/// Takes a lock if nobody has one that excludes it. It ends with the file.
pub(super) fn lock(
    file: &File,
    key: &Key,
    operation: Operation,
    take: fn(&File) -> Result<(), TryLockError>,
) -> Result<(), DriverError> {
    match take(file) {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(DriverError::Busy { key: key.clone() }),
        // A file system without locks: one process at a time has to do.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(error)) => Err(fault(operation, error)),
    }
}

/// Gives a file its name, in a directory that is yet to be synced, and says whether it got it: false where
/// something else has it already. Even then the directory has to be synced: whoever was first may not have
/// done so yet, and the caller is going to rely on it.
pub(super) fn name(
    disk: &Arc<Disk>,
    from: (&Directory, &str),
    to: &Key,
    condition: Condition,
) -> io::Result<(Made, bool)> {
    let (parent, name) = split(to)?;
    let mut attempts = 1;
    loop {
        let placed = Made::at(disk, &parent).map(|made| {
            let replace = condition == Condition::Any;
            let renamed = disk.rename(from, (&made.directory, name), replace);
            (made, renamed)
        });
        match placed {
            Ok((made, Ok(()))) => return Ok((made, true)),
            Ok((made, Err(error)))
                if condition == Condition::Absent
                    && error.kind() == io::ErrorKind::AlreadyExists =>
            {
                return Ok((made, false));
            }
            // Somebody deleted the directory under our feet.
            Ok((_, Err(error))) | Err(error)
                if error.kind() == io::ErrorKind::NotFound && attempts < ATTEMPTS =>
            {
                attempts += 1;
            }
            Ok((_, Err(error))) | Err(error) => return Err(error),
        }
    }
}

fn answer(published: io::Result<bool>, key: &Key, operation: Operation) -> Result<(), DriverError> {
    match published {
        Ok(true) => Ok(()),
        Ok(false) => Err(DriverError::AlreadyExists { key: key.clone() }),
        Err(error) => Err(fault(operation, error)),
    }
}

/// A written file without a name that anybody looks for. It is removed unless it was moved.
pub(super) struct Temporary<'d> {
    disk: &'d Disk,
    made: Made,
    name: String,
    pub(super) file: File,
    pub(super) moved: bool,
}

impl<'d> Temporary<'d> {
    pub(super) fn create(disk: &'d Arc<Disk>, content: Bytes) -> io::Result<Self> {
        // Its own directory need not be durable: nothing is ever looked for in it.
        let made = Made::at(disk, disk.temporary())?;
        let name = unique_name();
        let new = OFlags::CREATE | OFlags::EXCL;
        let file = disk.open_to_write(&made.directory, &name, new)?;
        let temporary = Self {
            disk,
            made,
            name,
            file,
            moved: false,
        };
        disk.write(&temporary.file, &temporary.key(), &[content], 0)?;
        Ok(temporary)
    }

    pub(super) fn key(&self) -> Key {
        let directory = &self.made.directory.key;
        directory.child(&self.name).unwrap_or_default()
    }

    /// Where it is.
    pub(super) fn place(&self) -> (&Directory, &str) {
        (&self.made.directory, &self.name)
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.moved {
            let _ = self.disk.unlink(&self.made.directory, &self.name);
        }
    }
}
