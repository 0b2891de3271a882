//! The file system as storage: files under a root, durable when they are acknowledged.
//!
//! `system` has the calls of the operating system, `disk` the steps that change something,
//! `directories` what is made on the way. On top of them `look`, `change`, `publish`, `reader` and
//! `appender` have the operations, which run on blocking threads, unless `cached` has the answer at once, for
//! which `remembered` keeps short files.
//! `alike` spares files that would be the same.
//! The root is one file system: files are written in a directory of their own below it and renamed.

mod alike;
mod appender;
mod cached;
mod change;
mod directories;
mod disk;
mod fault;
mod look;
mod publish;
mod reader;
mod remembered;
mod side_by_side;
mod system;
#[cfg(test)]
pub(crate) mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::{
    AppendOptions, Appender, Capability, Change, DeleteOptions, DriverError, Key, ListOptions,
    Listing, Operation, Pending, PutOptions, ReadOptions, Reader, RenameOptions, Stat,
    StorageDriver,
};
use crate::clock::{Clock, SystemClock};
use disk::Disk;
use fault::{NAME, fault};

pub use disk::{Probe, Step};

/// Whether what is acknowledged survives a power cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// Files and directories are synced before an answer.
    #[default]
    Full,
    /// Nothing is synced: the operating system writes when it likes. For tests and throw-away storage.
    None,
}

/// How a file system is used.
#[derive(Clone)]
#[non_exhaustive]
pub struct FilesystemOptions {
    /// The directory that everything lies in. It is made where it is missing.
    pub root: PathBuf,
    /// Whether writes are synced.
    pub durability: Durability,
    /// The directory for files that are being written. It is not listed.
    pub temporary: Key,
    /// Sees every step on the disk, and may refuse it; for tests.
    pub probe: Option<Probe>,
    /// Tells how old a file is.
    pub clock: Arc<dyn Clock>,
}

impl FilesystemOptions {
    /// Durable, in `root`.
    #[expect(clippy::missing_panics_doc, reason = "a constant is parsed")]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            durability: Durability::Full,
            temporary: Key::parse(".registry/tmp").expect("two segments are a key"),
            probe: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Chooses whether writes are synced.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Has a probe see every step.
    #[must_use]
    pub fn probe(mut self, probe: Probe) -> Self {
        self.probe = Some(probe);
        self
    }

    /// Chooses another clock than that of the system.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

impl std::fmt::Debug for FilesystemOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilesystemOptions")
            .field("root", &self.root)
            .field("durability", &self.durability)
            .finish_non_exhaustive()
    }
}

/// A directory of the file system.
#[derive(Debug, Clone)]
pub struct Filesystem {
    disk: Arc<Disk>,
}

impl Filesystem {
    /// Opens a root, once at start: it blocks.
    pub fn open(options: FilesystemOptions) -> Result<Self, DriverError> {
        let disk = Disk::open(options).map_err(|error| fault(Operation::Open, error))?;
        let disk = Arc::new(disk);
        Ok(Self { disk })
    }

    /// Looks whether this process may write in a directory, at start: it blocks.
    pub fn check_writable(&self, key: &Key) -> Result<(), DriverError> {
        let directory = self.disk.directory(key);
        let checked = directory.and_then(|directory| system::check_writable(&directory.fd));
        checked.map_err(|error| fault(Operation::Put, error).about(key))
    }

    /// Removes what writes left behind that began before `before` and were interrupted, and says how
    /// much. What is being written at this moment has to be younger.
    pub fn sweep(&self, before: SystemTime) -> Pending<'static, usize> {
        let disk = self.disk.clone();
        Box::pin(run(Operation::Sweep, move || change::sweep(&disk, before)))
    }

    fn on_disk<T: Send + 'static>(
        &self,
        operation: Operation,
        key: &Key,
        work: impl FnOnce(&Arc<Disk>, &Key) -> Result<T, DriverError> + Send + 'static,
    ) -> Pending<'static, T> {
        let (disk, key) = (self.disk.clone(), key.clone());
        let work = move || work(&disk, &key).map_err(|error| error.about(&key));
        Box::pin(run(operation, work))
    }
}

/// Does work that blocks. It goes on to its end when nobody waits any more.
async fn run<T: Send + 'static>(
    operation: Operation,
    work: impl FnOnce() -> Result<T, DriverError> + Send + 'static,
) -> Result<T, DriverError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(DriverError::Other {
            operation,
            driver: NAME,
            source: Box::new(error),
        }),
    }
}

impl StorageDriver for Filesystem {
    fn name(&self) -> &'static str {
        NAME
    }

    fn can(&self, capability: Capability) -> bool {
        matches!(
            capability,
            Capability::Append
                | Capability::Rename
                | Capability::CreateOnly
                | Capability::EmptyDirectories
                | Capability::Persistent
        )
    }

    fn read<'a>(&'a self, key: &'a Key, options: ReadOptions) -> Pending<'a, Bytes> {
        Box::pin(async move {
            if let Some(read) = cached::read(&self.disk, key, options) {
                return read.map_err(|error| error.about(key));
            }
            let read = move |disk: &Arc<Disk>, key: &Key| look::read(disk, key, options);
            self.on_disk(Operation::Read, key, read).await
        })
    }

    fn open<'a>(&'a self, key: &'a Key) -> Pending<'a, Arc<dyn Reader>> {
        Box::pin(async move {
            let open = |disk: &Arc<Disk>, key: &Key| look::open(disk, key, Operation::Open);
            let reader = if let Some(reader) = cached::open(&self.disk, key, Operation::Open) {
                reader.map_err(|error| error.about(key))?
            } else {
                self.on_disk(Operation::Open, key, open).await?
            };
            Ok(Arc::new(reader) as Arc<dyn Reader>)
        })
    }

    fn stat<'a>(&'a self, key: &'a Key) -> Pending<'a, Stat> {
        Box::pin(async move {
            if let Some(stat) = cached::stat(&self.disk, key) {
                return stat.map_err(|error| error.about(key));
            }
            let stat = |disk: &Arc<Disk>, key: &Key| look::stat(disk, key);
            self.on_disk(Operation::Stat, key, stat).await
        })
    }

    fn list<'a>(&'a self, key: &'a Key, options: ListOptions) -> Pending<'a, Listing> {
        self.on_disk(Operation::List, key, move |disk, key| {
            look::list(disk, key, &options)
        })
    }

    fn put<'a>(&'a self, key: &'a Key, content: Bytes, options: PutOptions) -> Pending<'a, ()> {
        self.on_disk(Operation::Put, key, move |disk, key| {
            change::put(disk, key, content, options)
        })
    }

    fn publish(&self, stages: Vec<Vec<Change>>) -> Pending<'_, ()> {
        let disk = self.disk.clone();
        Box::pin(run(Operation::Put, move || publish::publish(&disk, stages)))
    }

    fn append<'a>(
        &'a self,
        key: &'a Key,
        options: AppendOptions,
    ) -> Pending<'a, Box<dyn Appender>> {
        // The task of an appender that was dropped a moment ago ends soon.
        const PATIENCE: [u64; 6] = [1, 4, 15, 40, 120, 300];
        Box::pin(async move {
            let mut pauses = PATIENCE.into_iter();
            loop {
                let opened = self.on_disk(Operation::Append, key, move |disk, key| {
                    appender::open(disk, key, options)
                });
                match (opened.await, pauses.next()) {
                    (Err(DriverError::Busy { .. }), Some(pause)) => {
                        tokio::time::sleep(Duration::from_millis(pause)).await;
                    }
                    (opened, _) => return Ok(Box::new(opened?) as Box<dyn Appender>),
                }
            }
        })
    }

    fn rename<'a>(&'a self, from: &'a Key, to: &'a Key, options: RenameOptions) -> Pending<'a, ()> {
        let to = to.clone();
        self.on_disk(Operation::Rename, from, move |disk, from| {
            change::rename(disk, from, &to, options.condition)
        })
    }

    fn delete<'a>(&'a self, key: &'a Key) -> Pending<'a, ()> {
        self.on_disk(Operation::Delete, key, |disk, key| {
            change::delete(disk, key)
        })
    }

    fn delete_tree<'a>(&'a self, key: &'a Key, options: DeleteOptions) -> Pending<'a, ()> {
        self.on_disk(Operation::DeleteTree, key, move |disk, key| {
            if key.is_root() {
                return Err(DriverError::NotSupported {
                    operation: Operation::DeleteTree,
                    driver: NAME,
                });
            }
            change::delete_tree(disk, key, options)
        })
    }
}
