//! Several syncs at once, since each is mostly waiting.
//!
//! All but the first are offered to other blocking threads, and whatever none of them has begun is done
//! here. So nobody waits for a thread that waits for another one, however busy all of them are, and where
//! there is no thread to spare it is as if there were none. Where several wait for the disk anyway, it is
//! busy without that, and to wake more threads would only cost.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use tokio::runtime::Handle;

use super::disk::{Directory, Disk};
use super::fault::fault;
use crate::driver::{DriverError, Key, Operation};

/// With so many at it already, the next one syncs alone. Measured: fewer make single pushes slower, and more
/// of them give nothing to 64 at once.
const AT_ONCE: usize = 8;

/// How many wait for the disk.
#[derive(Debug, Default)]
pub(super) struct Waiting(AtomicUsize);

/// One more.
struct Waits<'d>(&'d Waiting);

impl Waiting {
    /// The number of those who waited before belongs to it.
    fn enter(&self) -> (Waits<'_>, usize) {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        (Waits(self), before)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Something to be synced.
pub(super) enum Target {
    File(File, Key),
    Directory(Directory),
}

impl Target {
    pub(super) fn file(file: &File, key: Key) -> io::Result<Self> {
        Ok(Self::File(file.try_clone()?, key))
    }

    pub(super) fn directory(directory: &Directory) -> io::Result<Self> {
        let (fd, key) = (directory.fd.try_clone()?, directory.key.clone());
        Ok(Self::Directory(Directory { fd, key }))
    }

    fn sync(self, disk: &Disk) -> Result<(), DriverError> {
        let (synced, key) = match self {
            Self::File(file, key) => (disk.sync_file(&file, &key), key),
            Self::Directory(directory) => (disk.sync_directory(&directory), directory.key),
        };
        synced.map_err(|error| fault(Operation::Put, error).about(&key))
    }
}

/// A target, until somebody takes it.
type Offer = Arc<Mutex<Option<Target>>>;

fn take(offer: &Offer) -> Option<Target> {
    offer.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Syncs all, and fails if one fails.
pub(super) fn side_by_side(disk: &Arc<Disk>, targets: Vec<Target>) -> Result<(), DriverError> {
    if !disk.is_durable() {
        return Ok(());
    }
    let new = |target| Arc::new(Mutex::new(Some(target)));
    let offers: Vec<Offer> = targets.into_iter().map(new).collect();
    let (done, outcomes) = mpsc::channel();
    let (_waits, others) = disk.waiting.enter();
    if others < AT_ONCE
        && let Ok(threads) = Handle::try_current()
    {
        for offer in offers.iter().skip(1) {
            let (offer, disk, done) = (Arc::clone(offer), Arc::clone(disk), done.clone());
            threads.spawn_blocking(move || {
                if let Some(target) = take(&offer) {
                    // Nobody listens only where another one failed.
                    let _ = done.send(target.sync(&disk));
                }
            });
        }
    }
    drop(done);
    let mut synced = Ok(());
    let mut elsewhere = 0;
    for offer in &offers {
        match take(offer) {
            Some(target) => synced = synced.and(target.sync(disk)),
            None => elsewhere += 1,
        }
    }
    for _ in 0..elsewhere {
        let lost = |_| {
            let error = io::Error::other("a sync was broken off");
            Err(fault(Operation::Put, error))
        };
        synced = synced.and(outcomes.recv().unwrap_or_else(lost));
    }
    synced
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::driver::FilesystemOptions;

    /// A disk whose syncs take so many milliseconds if they are alone, and how many of them there were at
    /// most at once.
    fn slow(
        root: &tempfile::TempDir,
        patience: usize,
        fails: Option<usize>,
    ) -> (Arc<Disk>, Arc<AtomicUsize>) {
        let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let (seen, number) = (Arc::clone(&most), AtomicUsize::new(0));
        let options = FilesystemOptions::new(root.path()).probe(Arc::new(move |_| {
            let at_once = now.fetch_add(1, Ordering::SeqCst) + 1;
            seen.fetch_max(at_once, Ordering::SeqCst);
            for _ in 0..patience {
                if seen.load(Ordering::SeqCst) > 1 {
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            now.fetch_sub(1, Ordering::SeqCst);
            match fails {
                Some(at) if number.fetch_add(1, Ordering::SeqCst) == at => {
                    Err(io::Error::other("broken"))
                }
                _ => Ok(()),
            }
        }));
        (Arc::new(Disk::open(options).unwrap()), most)
    }

    fn targets(disk: &Disk) -> Vec<Target> {
        let root = disk.directory(&Key::root()).unwrap();
        (0..4).map(|_| Target::directory(&root).unwrap()).collect()
    }

    #[tokio::test]
    async fn syncs_wait_for_the_disk_together_and_one_that_fails_is_told() {
        for fails in [None, Some(0), Some(1), Some(2), Some(3)] {
            let root = tempfile::tempdir().unwrap();
            let (disk, most) = slow(&root, 10_000, fails);
            let syncing = move || side_by_side(&disk, targets(&disk));
            let synced = tokio::task::spawn_blocking(syncing).await.unwrap();
            assert_eq!(synced.is_err(), fails.is_some());
            assert!(most.load(Ordering::SeqCst) > 1);
        }
    }

    #[tokio::test]
    async fn where_many_wait_already_each_one_syncs_alone() {
        let root = tempfile::tempdir().unwrap();
        let (disk, most) = slow(&root, 10, None);
        for _ in 0..AT_ONCE {
            std::mem::forget(disk.waiting.enter());
        }
        let syncing = move || side_by_side(&disk, targets(&disk));
        tokio::task::spawn_blocking(syncing).await.unwrap().unwrap();
        assert_eq!(most.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn where_no_other_thread_is_free_they_are_done_one_after_the_other() {
        let root = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        let (disk, most) = slow(&root, 10, None);
        let syncing = move || side_by_side(&disk, targets(&disk));
        runtime
            .block_on(runtime.spawn_blocking(syncing))
            .unwrap()
            .unwrap();
        assert_eq!(most.load(Ordering::SeqCst), 1);
        // Nor without a runtime.
        let (disk, _) = slow(&root, 10, None);
        side_by_side(&disk, targets(&disk)).unwrap();
    }
}
