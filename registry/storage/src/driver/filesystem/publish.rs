//! Several changes in stages, with few waits for the disk: one for the content of all files and for what is
//! there already, and one for the directories of each stage. Within a wait the syncs go side by side.
//!
//! Each change holds some file descriptors from its preparation to its end. So many changes are made in
//! groups, one after the other, and no request takes more than its share.

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

/// So many changes are made together. Each may hold some ten descriptors, of its file, of the directories that
/// are made for it, and once more while they are synced. An ordinary push of a manifest has no more changes.
const TOGETHER: usize = 8;

pub(super) fn publish(disk: &Arc<Disk>, stages: Vec<Vec<Change>>) -> Result<(), DriverError> {
    groups(stages)
        .into_iter()
        .try_for_each(|stages| together(disk, stages))
}

/// The stages in their order, in groups of no more changes than can be made together.
fn groups(stages: Vec<Vec<Change>>) -> Vec<Vec<Vec<Change>>> {
    if stages.iter().map(Vec::len).sum::<usize>() <= TOGETHER {
        return vec![stages];
    }
    let (mut groups, mut group, mut room) = (Vec::new(), Vec::new(), TOGETHER);
    for mut stage in stages {
        while stage.len() > room {
            let rest = stage.split_off(room);
            group.push(std::mem::replace(&mut stage, rest));
            groups.push(std::mem::take(&mut group));
            room = TOGETHER;
        }
        room -= stage.len();
        group.push(stage);
    }
    groups.push(group);
    groups
}

fn together(disk: &Arc<Disk>, stages: Vec<Vec<Change>>) -> Result<(), DriverError> {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;

    use super::*;
    use crate::driver::FilesystemOptions;
    use crate::driver::filesystem::Step;

    fn change(name: &str) -> Change {
        Change::Put(Key::parse(name).unwrap(), Bytes::from_static(b"x"))
    }

    #[test]
    fn stages_are_made_in_their_order_and_few_changes_together() {
        let stage = |stage: usize, many: usize| {
            let changes = (0..many).map(|number| change(&format!("{stage}/{number}")));
            changes.collect::<Vec<_>>()
        };
        for lengths in [
            &[3, 0, 4][..],
            &[0],
            &[16],
            &[17],
            &[3, 100, 100, 1],
            &[15, 33],
        ] {
            let stages = || {
                lengths
                    .iter()
                    .enumerate()
                    .map(|(at, many)| stage(at, *many))
            };
            let groups = groups(stages().collect());
            let most = groups.iter().map(|group| group.iter().flatten().count());
            assert!(most.max() <= Some(TOGETHER), "{lengths:?}");
            let made: Vec<_> = groups.into_iter().flatten().flatten().collect();
            assert_eq!(made, stages().flatten().collect::<Vec<_>>());
        }
    }

    #[test]
    fn however_much_is_published_few_files_are_open_at_once() {
        let root = tempfile::tempdir().unwrap();
        let most = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&most);
        let options = FilesystemOptions::new(root.path()).probe(Arc::new(move |step| {
            if let Step::SyncFile(_) | Step::SyncDirectory(_) = step {
                let open = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
                seen.fetch_max(open, Ordering::Relaxed);
            }
            Ok(())
        }));
        let disk = Arc::new(Disk::open(options).unwrap());
        let stage = |kind: &str| {
            (0..500)
                .map(|at| change(&format!("{at}/{kind}/x")))
                .collect()
        };
        publish(&disk, vec![stage("first"), stage("second")]).unwrap();
        for at in 0..500 {
            assert!(root.path().join(format!("{at}/second/x")).exists());
        }
        // Other tests of this process have files open, too.
        let most = most.load(Ordering::Relaxed);
        assert!(most > 0 && most < 500, "{most}");
    }
}
