//! Where bytes are kept: the trait of all storage drivers, and the drivers.
//!
//! A driver knows keys and bytes. What a key means is the layout's matter, and a driver never looks at
//! it. `suite` is what every driver has to do; `faulty` and `recording` wrap any of them in tests.
//!
//! Three promises hold for each operation. What was acknowledged is there (on a persistent driver: after
//! a power cut too). A reader sees a file of `put` or `rename` whole or not at all. A future that is
//! dropped leaves either nothing done or all of it, perhaps a little later: never something half-made.

mod error;
pub mod faulty;
pub mod filesystem;
mod key;
mod memory;
pub mod observed;
mod options;
pub mod recording;
mod stamp;
#[cfg(any(test, feature = "suite"))]
pub mod suite;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::future::{BoxFuture, try_join_all};
use futures_util::stream::BoxStream;

pub use error::{DriverError, Operation, Source};
pub use filesystem::{Durability, Filesystem, FilesystemOptions};
pub use key::{InvalidKey, Key, MAX_KEY, MAX_SEGMENT, is_segment};
pub use memory::Memory;
pub use options::{
    AppendOptions, Capability, Change, Condition, DeleteOptions, Entry, Kind, ListOptions, Listing,
    PutOptions, ReadOptions, RedirectOptions, RenameOptions, Stat,
};
pub use stamp::{OpenFile, Stamp};

/// The answer of a driver, to be awaited.
pub type Pending<'a, T> = BoxFuture<'a, Result<T, DriverError>>;
/// Sees bytes on their way into a file, piece by piece and in order.
pub type Tap = Box<dyn FnMut(&[u8]) + Send>;
/// The bytes of a range, in order; it ends early only with an error.
pub type ByteStream = BoxStream<'static, Result<Bytes, DriverError>>;

/// A place to keep files by key.
pub trait StorageDriver: fmt::Debug + Send + Sync + 'static {
    /// How the driver is called in configurations and errors.
    fn name(&self) -> &'static str;

    /// Whether it can do this.
    fn can(&self, capability: Capability) -> bool;

    /// Reads a file whole, if it is no longer than the limit. A directory is `NotFound`.
    fn read<'a>(&'a self, key: &'a Key, options: ReadOptions) -> Pending<'a, Bytes>;

    /// Opens a file for reading. The reader keeps its content: what happens to the key later, by
    /// replacing, renaming or deleting, is not seen by it.
    fn open<'a>(&'a self, key: &'a Key) -> Pending<'a, Arc<dyn Reader>>;

    /// Looks at a file or directory.
    fn stat<'a>(&'a self, key: &'a Key) -> Pending<'a, Stat>;

    /// Lists the direct children of a directory. A directory that does not exist, or a file, is
    /// `NotFound`. What other programs left there under names that no key can have is skipped.
    fn list<'a>(&'a self, key: &'a Key, options: ListOptions) -> Pending<'a, Listing>;

    /// Writes a small file whole, in one step, and makes it durable with the directories it needed.
    fn put<'a>(&'a self, key: &'a Key, content: Bytes, options: PutOptions) -> Pending<'a, ()>;

    /// Opens a file for appending, and creates it where it does not exist. While the appender lives,
    /// another for the same file is `Busy`.
    fn append<'a>(&'a self, key: &'a Key, options: AppendOptions)
    -> Pending<'a, Box<dyn Appender>>;

    /// Gives a file another key, in one step, and makes that durable. Its content has to be durable
    /// already. A missing source, or a directory, is `NotFound`.
    fn rename<'a>(&'a self, from: &'a Key, to: &'a Key, options: RenameOptions) -> Pending<'a, ()>;

    /// Makes changes in stages. Those of one stage are made side by side, and nothing of it can be seen
    /// before everything in the stages in front of it is durable. In the end all of it is. After an
    /// error, or where the future is dropped, the first stages may be done, and the next one in part.
    fn publish(&self, stages: Vec<Vec<Change>>) -> Pending<'_, ()> {
        Box::pin(async move {
            for stage in stages {
                try_join_all(stage.into_iter().map(|change| apply(self, change))).await?;
            }
            Ok(())
        })
    }

    /// Deletes a file. A missing one, or a directory, is `NotFound`.
    fn delete<'a>(&'a self, key: &'a Key) -> Pending<'a, ()>;

    /// Deletes a directory and everything below it, or a file. Where there is neither: `NotFound`.
    /// The root is never deleted: `NotSupported`.
    fn delete_tree<'a>(&'a self, key: &'a Key, options: DeleteOptions) -> Pending<'a, ()>;

    /// A URL from which a client may read the file itself; none where the driver makes no such URLs.
    fn redirect_url<'a>(
        &'a self,
        key: &'a Key,
        options: RedirectOptions,
    ) -> Pending<'a, Option<String>> {
        drop((key, options));
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// What was discarded and may still be there.
fn remains(key: &Key, deleted: Result<(), DriverError>) {
    if let Err(error) = deleted
        && !error.is_not_found()
    {
        tracing::warn!(%key, ?error, "remains stay");
    }
}

/// Makes one change, with the operation of its own.
async fn apply<D: StorageDriver + ?Sized>(driver: &D, change: Change) -> Result<(), DriverError> {
    match change {
        Change::Put(key, content) => driver.put(&key, content, PutOptions::replace()).await,
        Change::Ensure(key, content) => {
            let length = content.len() as u64;
            let there = match driver.stat(&key).await {
                Ok(stat) if stat.len == length => driver.read(&key, ReadOptions::new(length)).await,
                Ok(_) => return driver.put(&key, content, PutOptions::replace()).await,
                Err(error) => Err(error),
            };
            match there {
                Ok(there) if there == content => Ok(()),
                Err(error) if !error.is_not_found() => Err(error),
                _ => driver.put(&key, content, PutOptions::replace()).await,
            }
        }
        Change::Rename(from, to) => driver.rename(&from, &to, RenameOptions::replace()).await,
        // Where `close` is no more than `finish`, it is durable already.
        Change::Keep(key) | Change::Sync(key) => driver.stat(&key).await.map(drop),
        Change::Discard(key) => {
            let deleted = driver.delete_tree(&key, DeleteOptions::volatile()).await;
            remains(&key, deleted);
            Ok(())
        }
    }
}

/// An open file, to be read in parts, by many at once.
pub trait Reader: fmt::Debug + Send + Sync + 'static {
    /// The length when it was opened.
    fn len(&self) -> u64;

    /// When it was last written, where the storage knows.
    fn modified(&self) -> Option<SystemTime>;

    /// Reads `length` bytes from `offset` on; fewer only where the file ends.
    fn read_at(&self, offset: u64, length: usize) -> Pending<'_, Bytes>;

    /// The bytes of a range. A file that ends before the range does is an error, never a shorter stream.
    fn stream(self: Arc<Self>, range: Range<u64>) -> ByteStream;

    /// The file of the operating system, where there is one: it can be sent without being read.
    fn as_file(&self) -> Option<OpenFile> {
        None
    }

    /// Whether there is nothing in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A file that is being appended to, by one writer.
///
/// After an error it accepts nothing more. Dropped, it leaves some beginning of what it accepted;
/// only what `sync` or `finish` answered for is sure to be there.
pub trait Appender: fmt::Debug + Send + 'static {
    /// Where the file ends once everything accepted is written.
    fn offset(&self) -> u64;

    /// Has all that is accepted pass by `tap`, at a place where it may take its time. What `sync`, `finish`
    /// or `close` answered for has passed. It is set before anything is accepted.
    fn tap(&mut self, tap: Tap);

    /// Accepts bytes, which may be written later. Where this future is dropped, `offset` tells whether they were
    /// accepted.
    fn write(&mut self, data: Bytes) -> Pending<'_, ()>;

    /// Nothing may come for a while: what was accepted is written as far as that frees memory.
    fn pause(&mut self) -> Pending<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Writes everything accepted, makes it durable, and gives the offset up to which it is.
    fn sync(&mut self) -> Pending<'_, u64>;

    /// As `sync`, and lets go of the file, which may be renamed or appended to again at once.
    fn finish(self: Box<Self>) -> Pending<'static, u64>;

    /// As `finish`, for a file that is going to be published: being durable is left to that.
    fn close(self: Box<Self>) -> Pending<'static, u64> {
        self.finish()
    }
}

/// What follows from the operations of a driver.
pub trait StorageDriverExt: StorageDriver {
    /// Whether there is a file or directory of that key.
    fn exists<'a>(&'a self, key: &'a Key) -> Pending<'a, bool> {
        Box::pin(async move {
            match self.stat(key).await {
                Ok(_) => Ok(true),
                Err(error) if error.is_not_found() => Ok(false),
                Err(error) => Err(error),
            }
        })
    }

    /// Writes a small file, whatever was there.
    fn replace<'a>(&'a self, key: &'a Key, content: impl Into<Bytes>) -> Pending<'a, ()> {
        self.put(key, content.into(), PutOptions::replace())
    }

    /// Writes a small file where there is none; otherwise `AlreadyExists`.
    fn create<'a>(&'a self, key: &'a Key, content: impl Into<Bytes>) -> Pending<'a, ()> {
        self.put(key, content.into(), PutOptions::create())
    }
}

impl<D: StorageDriver + ?Sized> StorageDriverExt for D {}
