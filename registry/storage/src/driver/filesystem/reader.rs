//! Reading an open file in parts.
//!
//! The length is that of the moment it was opened. A file that turns out shorter is an error: a client
//! that was promised so many bytes must not take fewer for all of them.

use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use super::fault::{NAME, fault};
use super::{cached, run};
use crate::driver::{ByteStream, DriverError, Key, Operation, Pending, Reader};

/// Read at once in a stream: large enough that the way to a blocking thread costs little.
const PIECE: u64 = 256 * 1024;

#[derive(Debug)]
pub(super) struct FileReader {
    key: Key,
    file: Arc<File>,
    len: u64,
    modified: Option<SystemTime>,
}

impl FileReader {
    pub(super) fn new(key: &Key, file: File, metadata: &Metadata) -> Self {
        Self {
            key: key.clone(),
            file: Arc::new(file),
            len: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    async fn part(&self, offset: u64, length: usize) -> Result<Bytes, DriverError> {
        let read = read_part(self.file.clone(), offset, length).await;
        read.map_err(|error| error.about(&self.key))
    }
}

impl Reader for FileReader {
    fn len(&self) -> u64 {
        self.len
    }

    fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    fn read_at(&self, offset: u64, length: usize) -> Pending<'_, Bytes> {
        let rest = self.len.saturating_sub(offset);
        let length = usize::try_from(rest).map_or(length, |rest| rest.min(length));
        Box::pin(self.part(offset, length))
    }

    fn stream(self: Arc<Self>, range: Range<u64>) -> ByteStream {
        if range.start > range.end || range.end > self.len {
            let error = fault(Operation::ReadAt, io::ErrorKind::UnexpectedEof.into());
            return Box::pin(futures_util::stream::once(async { Err(error) }));
        }
        Box::pin(futures_util::stream::try_unfold(range, move |range| {
            let reader = Arc::clone(&self);
            async move {
                let length = PIECE.min(range.end - range.start);
                if length == 0 {
                    return Ok(None);
                }
                let whole = usize::try_from(length).unwrap_or(usize::MAX);
                let bytes = reader.part(range.start, whole).await?;
                Ok(Some((bytes, range.start + length..range.end)))
            }
        }))
    }

    fn as_file(&self) -> Option<Arc<File>> {
        Some(self.file.clone())
    }
}

async fn read_part(file: Arc<File>, offset: u64, length: usize) -> Result<Bytes, DriverError> {
    if length == 0 {
        return Ok(Bytes::new());
    }
    if let Some(read) = cached::part(&file, Operation::ReadAt, offset, length) {
        return read;
    }
    run(Operation::ReadAt, move || {
        read_exactly(&file, offset, length).map_err(|error| fault(Operation::ReadAt, error))
    })
    .await
}

/// So many bytes from `offset` on, or an error.
pub(super) fn read_exactly(file: &File, offset: u64, length: usize) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        let at = offset + bytes.len() as u64;
        let spare = rustix::buffer::spare_capacity(&mut bytes);
        match rustix::io::pread(file, spare, at) {
            Ok(0) => {
                let error = format!("{NAME}: the file was cut while it was read");
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, error));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    // A vector may have more room than it was asked for, and a file may have grown.
    bytes.truncate(length);
    Ok(bytes.into())
}
