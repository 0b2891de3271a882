//! Appending to a file, by one writer at a time.
//!
//! What comes in is collected, and hashed and written by a blocking task while more comes in: one task at
//! a time, none while nothing comes, so that slow clients do not hold threads. The file travels into the
//! task and back. It is locked as long as it is open: a task that outlives its dropped appender keeps the
//! next one out, who would cut the file under it.

use std::fmt;
use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use rustix::fs::OFlags;
use tokio::task::JoinHandle;

use super::change::lock;
use super::directories::Made;
use super::disk::{Disk, split};
use super::fault::{NAME, fault};
use super::system::{check_room, has_surplus, write_back};
use crate::driver::{AppendOptions, Appender, DriverError, Key, Operation, Pending, Tap};

/// Enough that the way to a blocking thread costs little. A batch ends where the file is a multiple of it long, so
/// that the system touches no page of its cache twice. One fills while one is written, and no more is held.
const BATCH: usize = 1024 * 1024;
/// Shorter pieces are copied together: each one kept costs more than its bytes.
const SMALL: usize = 4096;
/// So much is written before the system is asked to begin with writing out.
const WRITE_BACK: u64 = 8 * 1024 * 1024;
/// No more room than this is put aside ahead.
const AHEAD: u64 = 64 * 1024 * 1024;

/// An open file with its lock.
struct Target {
    disk: Arc<Disk>,
    key: Key,
    file: File,
    /// Where this writer began.
    start: u64,
    end: u64,
    tap: Option<Tap>,
    /// Where the file is going to end, or 0.
    expected: u64,
    /// Where the room ends that was put aside.
    reserved: u64,
    /// Where the part begins that the system was not asked to write out yet.
    cached_from: u64,
    /// Whether its content may not be durable.
    changed: bool,
    /// Where its name is, while that may not be durable.
    made: Option<Made>,
}

/// What was not synced is left for whoever needs it, and room that was not needed is given back.
impl Drop for Target {
    fn drop(&mut self) {
        if self.reserved > self.end {
            let _ = self.disk.cut(&self.file, &self.key, self.end);
        }
        if let Some(made) = self.made.take() {
            made.leave();
        }
    }
}

impl Target {
    fn write(&mut self, parts: &[Bytes]) -> io::Result<()> {
        if let Some(tap) = &mut self.tap {
            for part in parts {
                tap(part);
            }
        }
        let end = self.end + parts.iter().map(|part| part.len() as u64).sum::<u64>();
        self.reserve(end)?;
        self.changed |= !parts.is_empty();
        self.disk.write(&self.file, &self.key, parts, self.end)?;
        self.end = end;
        let cached = self.end - self.cached_from;
        if cached >= WRITE_BACK && self.disk.is_durable() {
            write_back(&self.file, self.cached_from, cached);
            self.cached_from = self.end;
        }
        Ok(())
    }

    /// Puts room aside for what comes up to `end` and for what is expected behind it, unless that is little: as
    /// much again as this writer has brought, since who announces much need not send it.
    fn reserve(&mut self, end: u64) -> io::Result<()> {
        let ahead = (end - self.start).min(AHEAD);
        let until = self.expected.min(end + ahead);
        if end > self.reserved && until >= end + BATCH as u64 {
            // Said before: some file systems keep what they had put aside when the rest did not fit.
            self.reserved = until;
            let len = until - self.end;
            self.disk.reserve(&self.file, &self.key, self.end, len)?;
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.changed {
            self.disk.sync_file(&self.file, &self.key)?;
            self.changed = false;
        }
        self.made.take().map_or(Ok(()), Made::sync)
    }
}

/// Opens a file to append to it, on a blocking thread.
pub(super) fn open(
    disk: &Arc<Disk>,
    key: &Key,
    options: AppendOptions,
) -> Result<FileAppender, DriverError> {
    let at = |error| fault(Operation::Append, error);
    let invalid = |actual| DriverError::InvalidOffset {
        key: key.clone(),
        expected: options.offset,
        actual,
    };
    let (parent, name) = split(key).map_err(at)?;
    let mut made = None;
    let file = if options.offset == 0 {
        let made = made.insert(Made::at(disk, &parent).map_err(at)?);
        disk.open_to_write(&made.directory, name, OFlags::CREATE)
    } else {
        let directory = disk.directory(&parent);
        directory.and_then(|directory| disk.open_to_write(&directory, name, OFlags::empty()))
    };
    let file = match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound && options.offset > 0 => {
            return Err(invalid(0));
        }
        file => file.map_err(at)?,
    };
    lock(&file, key, Operation::Append, File::try_lock)?;
    if !is_still_there(disk, key, &file).map_err(at)? {
        return Err(DriverError::Busy { key: key.clone() });
    }
    let metadata = file.metadata().map_err(at)?;
    let len = metadata.len();
    if len < options.offset || (len > options.offset && !options.cut) {
        return Err(invalid(len));
    }
    if len > options.offset || has_surplus(&metadata) {
        disk.cut(&file, key, options.offset).map_err(at)?;
    }
    let expected = options.expected.unwrap_or_default();
    check_room(&file, expected.saturating_sub(options.offset)).map_err(at)?;
    let target = Target {
        disk: disk.clone(),
        key: key.clone(),
        file,
        start: options.offset,
        end: options.offset,
        tap: None,
        expected,
        reserved: options.offset,
        cached_from: options.offset,
        changed: len > options.offset || options.offset == 0,
        made,
    };
    Ok(FileAppender::new(target))
}

/// Whether a file still has its name, now that nobody else may take it: it may have been renamed by
/// whoever held the lock before.
fn is_still_there(disk: &Disk, key: &Key, file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let ours = file.metadata()?;
    let named = match disk.open_to_read(key) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?.metadata()?,
    };
    Ok((ours.dev(), ours.ino()) == (named.dev(), named.ino()))
}

enum Slot {
    Idle(Box<Target>),
    Writing(JoinHandle<(Box<Target>, io::Result<()>)>),
    Failed,
}

/// What is accepted, and the file it goes to.
pub(super) struct FileAppender {
    disk: Arc<Disk>,
    slot: Slot,
    offset: u64,
    /// What was accepted last, until it finds its batch.
    rest: Bytes,
    parts: Vec<Bytes>,
    /// Small pieces, after the parts.
    tail: BytesMut,
    waiting: usize,
}

impl FileAppender {
    fn new(target: Target) -> Self {
        Self {
            disk: target.disk.clone(),
            offset: target.end,
            slot: Slot::Idle(Box::new(target)),
            rest: Bytes::new(),
            parts: Vec::new(),
            tail: BytesMut::new(),
            waiting: 0,
        }
    }

    /// Puts what was accepted into batches, and hands over each that is complete. Dropping this future
    /// forgets nothing.
    async fn sort(&mut self) -> Result<(), DriverError> {
        loop {
            let end = self.offset - self.rest.len() as u64;
            let over = usize::try_from(end % BATCH as u64).unwrap_or_default();
            if over == 0 && self.waiting > 0 {
                self.settle().await?;
                self.start(false).await?;
            }
            if self.rest.is_empty() {
                return Ok(());
            }
            let part = self.rest.split_to(self.rest.len().min(BATCH - over));
            self.waiting += part.len();
            if part.len() < SMALL {
                self.tail.extend_from_slice(&part);
            } else {
                self.close_tail();
                self.parts.push(part);
            }
        }
    }

    fn close_tail(&mut self) {
        if !self.tail.is_empty() {
            self.parts.push(self.tail.split().freeze());
        }
    }

    /// Waits until the file is back. Dropping this future forgets nothing.
    async fn settle(&mut self) -> Result<(), DriverError> {
        if let Slot::Writing(task) = &mut self.slot {
            let ended = task.await;
            self.slot = Slot::Failed;
            let (target, written) = ended.map_err(|error| DriverError::Other {
                operation: Operation::Write,
                driver: NAME,
                source: Box::new(error),
            })?;
            written.map_err(|error| fault(Operation::Write, error).about(&target.key))?;
            self.slot = Slot::Idle(target);
        }
        Ok(())
    }

    /// Hands over what is waiting to a task that writes it.
    async fn start(&mut self, sync: bool) -> Result<(), DriverError> {
        let turn = self.disk.turn().await;
        match std::mem::replace(&mut self.slot, Slot::Failed) {
            Slot::Idle(mut target) => {
                self.close_tail();
                self.waiting = 0;
                let parts = std::mem::take(&mut self.parts);
                self.slot = Slot::Writing(tokio::task::spawn_blocking(move || {
                    let mut done = target.write(&parts);
                    if done.is_ok() && sync {
                        done = target.sync();
                    }
                    drop(turn);
                    (target, done)
                }));
                Ok(())
            }
            _ => Err(fault(
                Operation::Write,
                io::Error::other("an earlier write of this upload failed"),
            )),
        }
    }

    async fn write_all(&mut self, sync: bool) -> Result<u64, DriverError> {
        self.sort().await?;
        self.settle().await?;
        self.start(sync).await?;
        self.settle().await?;
        Ok(self.offset)
    }
}

impl fmt::Debug for FileAppender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileAppender")
            .field("offset", &self.offset)
            .field("waiting", &(self.waiting + self.rest.len()))
            .finish_non_exhaustive()
    }
}

impl Appender for FileAppender {
    fn offset(&self) -> u64 {
        self.offset
    }

    fn tap(&mut self, tap: Tap) {
        if let Slot::Idle(target) = &mut self.slot {
            target.tap = Some(tap);
        }
    }

    fn write(&mut self, data: Bytes) -> Pending<'_, ()> {
        Box::pin(async move {
            self.sort().await?;
            self.offset += data.len() as u64;
            self.rest = data;
            self.sort().await
        })
    }

    fn pause(&mut self) -> Pending<'_, ()> {
        Box::pin(async move {
            self.sort().await?;
            self.settle().await?;
            if self.waiting > 0 {
                self.start(false).await?;
            }
            self.settle().await
        })
    }

    fn sync(&mut self) -> Pending<'_, u64> {
        Box::pin(self.write_all(true))
    }

    fn finish(mut self: Box<Self>) -> Pending<'static, u64> {
        Box::pin(async move { self.write_all(true).await })
    }

    fn close(mut self: Box<Self>) -> Pending<'static, u64> {
        Box::pin(async move { self.write_all(false).await })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::{Arc, Mutex};

    use bytes::Bytes;

    use super::{BATCH, Disk, Key, is_still_there, open};
    use crate::driver::filesystem::Step;
    use crate::driver::{AppendOptions, Appender, FilesystemOptions};

    #[test]
    fn a_file_that_lost_its_name_before_it_was_locked_is_noticed() {
        let root = tempfile::tempdir().unwrap();
        let disk = Disk::open(FilesystemOptions::new(root.path())).unwrap();
        let (key, path) = (Key::parse("data").unwrap(), root.path().join("data"));
        fs::write(&path, "").unwrap();
        let file = fs::File::open(&path).unwrap();
        assert!(is_still_there(&disk, &key, &file).unwrap());
        fs::rename(&path, root.path().join("blob")).unwrap();
        assert!(!is_still_there(&disk, &key, &file).unwrap());
        fs::write(&path, "another").unwrap();
        assert!(!is_still_there(&disk, &key, &file).unwrap());
    }

    #[tokio::test]
    async fn pieces_of_any_length_are_written_in_batches_that_end_at_multiples_of_their_length() {
        let root = tempfile::tempdir().unwrap();
        let written = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&written);
        let options = FilesystemOptions::new(root.path()).probe(Arc::new(move |step| {
            if let Step::Write { offset, len, .. } = step {
                seen.lock().unwrap().push((*offset, *len));
            }
            Ok(())
        }));
        let disk = Arc::new(Disk::open(options).unwrap());
        let content: Bytes = (0_u32..900_000).flat_map(u32::to_le_bytes).collect();
        let mut appender = open(
            &disk,
            &Key::parse("data").unwrap(),
            AppendOptions::cut_to(0),
        )
        .unwrap();
        let mut rest = content.clone();
        for length in [1, 5000, 3, 2_500_000, 300_000, 7, 600_000] {
            appender.write(rest.split_to(length)).await.unwrap();
        }
        appender.write(rest).await.unwrap();
        let end = content.len() as u64;
        assert_eq!(Box::new(appender).finish().await.unwrap(), end);
        assert_eq!(fs::read(root.path().join("data")).unwrap(), content);
        let batch = BATCH as u64;
        let whole = (0..end / batch).map(|number| (number * batch, batch));
        let last = (end - end % batch, end % batch);
        let expected: Vec<_> = whole.chain([last]).collect();
        assert_eq!(*written.lock().unwrap(), expected);
    }
}
