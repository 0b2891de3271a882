//! A writer at work on an upload: bytes appended and hashed once, and the record kept behind them.
//!
//! The hash is that of the file, without what is still in memory, and is whole only while no appender is
//! open: the appender hashes what it writes.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use registry_protocol::digest::Hasher;

use super::hash::Running;
use super::state::{Place, Start, State};
use crate::domain::{ByteStream, Chunk, UploadStatus};
use crate::driver::{AppendOptions, Appender, Pending};
use crate::error::{Fault, UploadFinishError, UploadSeekError, UploadWriteError};
use crate::layout::paths;
use crate::locks::Exclusive;

/// Up to so many bytes are kept in memory: most blobs are no longer, and then need no file before they have
/// their place.
const SMALL: usize = 64 * 1024;

/// Up to so many bytes become durable together with what refers to them.
const LITTLE: u64 = 8 * 1024 * 1024;

/// A client that has sent nothing for so long may stand still.
const MOMENT: Duration = Duration::from_millis(200);

/// An upload that nobody else writes while this lives.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) place: Place,
    pub(super) start: Start,
    pub(super) state: State,
    /// Where the next byte goes.
    size: u64,
    /// Where the upload is going to end, as far as is known.
    expected: Option<u64>,
    hash: Running,
    /// What comes behind the file: all that the upload holds, while that is little and nobody was told of it.
    small: BytesMut,
    /// Open from the first byte written until it is durable.
    appender: Option<Box<dyn Appender>>,
    _lock: Exclusive,
}

/// Where the bytes of an upload are, all of them, when it is to be completed.
pub(super) enum Sealed {
    /// Here.
    InMemory(Bytes),
    /// In its file.
    InFile,
    /// There is no file: completing the upload was interrupted, or it is damaged.
    Gone,
}

impl Session {
    pub(super) fn new(
        place: Place,
        start: Start,
        state: State,
        hasher: Hasher,
        lock: Exclusive,
    ) -> Self {
        Self {
            place,
            start,
            state,
            size: hasher.len(),
            expected: None,
            hash: Running::new(hasher),
            small: BytesMut::new(),
            appender: None,
            _lock: lock,
        }
    }

    /// Where the next byte goes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The hash of the file.
    pub(super) fn hasher(&self) -> Hasher {
        self.hash.get()
    }

    /// Goes on at an end of the upload: the acknowledged one, or that of what was received. Whoever asks
    /// for another is told the latter, which so becomes the acknowledged one.
    pub(super) async fn seek(&mut self, offset: u64) -> Result<(), UploadSeekError> {
        if offset == self.size() {
            return Ok(());
        }
        let is_writing = self.appender.is_some() || !self.small.is_empty();
        if !is_writing && self.ends_at(offset) {
            let hasher = self.place.hasher(&self.state, offset).await?;
            self.hash = Running::new(hasher);
            self.size = offset;
            return Ok(());
        }
        if is_writing {
            return Err(UploadSeekError::OutOfOrder { size: self.size() });
        }
        let size = self.state.received();
        self.place.keep_only(&mut self.state, size).await?;
        Err(UploadSeekError::OutOfOrder { size })
    }

    fn ends_at(&self, offset: u64) -> bool {
        offset == self.state.acknowledged() || offset == self.state.received()
    }

    /// Appends bytes. If they break off, what came is kept; after another failure nothing of it is.
    pub(super) async fn write(&mut self, chunk: Chunk) -> Result<u64, UploadWriteError> {
        if let Some(appender) = &mut self.appender {
            appender.sync().await.map_err(Fault::from)?;
        }
        let written = self.receive(chunk).await;
        if let Err(UploadWriteError::Body(_)) = &written {
            self.keep_or_warn().await;
        }
        written
    }

    /// Appends bytes. If they break off, what came is still to be kept; after another failure nothing of it
    /// is there.
    pub(super) async fn receive(&mut self, chunk: Chunk) -> Result<u64, UploadWriteError> {
        let before = (self.hash.get(), self.small.clone());
        match self.append(chunk).await {
            Ok(()) => Ok(self.size()),
            Err(error @ UploadWriteError::Body(_)) => Err(error),
            Err(error) => {
                let (hasher, small) = before;
                self.undo(hasher, small).await;
                Err(error)
            }
        }
    }

    /// Keeps what was received, though the client is told of a failure, or of nothing.
    pub(super) async fn keep_or_warn(&mut self) {
        if let Err(fault) = self.keep().await {
            tracing::warn!(upload = %self.place.id, error = ?fault, "what was received is lost");
        }
    }

    async fn append(&mut self, chunk: Chunk) -> Result<(), UploadWriteError> {
        let Chunk { mut body, length } = chunk;
        let start = self.size();
        self.expected = length.map(|length| start.saturating_add(length));
        self.check_limit(self.expected.unwrap_or(start))?;
        while let Some(bytes) = self.next(&mut body).await? {
            let actual = self.size() - start + bytes.len() as u64;
            if let Some(expected) = length.filter(|length| actual > *length) {
                return Err(UploadWriteError::Length { expected, actual });
            }
            self.check_limit(start + actual)?;
            self.put(bytes).await?;
        }
        let actual = self.size() - start;
        match length.filter(|length| actual != *length) {
            Some(expected) => Err(UploadWriteError::Length { expected, actual }),
            None => Ok(()),
        }
    }

    /// What comes next. Where nothing does for a moment, what came is written: many clients that stand still
    /// must not take much memory together.
    async fn next(&mut self, body: &mut ByteStream) -> Result<Option<Bytes>, UploadWriteError> {
        let mut next = body.next();
        if let Some(appender) = &mut self.appender {
            match tokio::time::timeout(MOMENT, &mut next).await {
                Ok(bytes) => return bytes.transpose().map_err(UploadWriteError::Body),
                Err(_) => appender.pause().await.map_err(Fault::from)?,
            }
        }
        next.await.transpose().map_err(UploadWriteError::Body)
    }

    async fn put(&mut self, bytes: Bytes) -> Result<(), Fault> {
        let length = bytes.len();
        if self.is_in_memory() && self.small.len() + length <= SMALL {
            self.small.extend_from_slice(&bytes);
        } else {
            let mut appender = self.appender().await?;
            appender.write(bytes).await?;
            self.appender = Some(appender);
        }
        self.size += length as u64;
        Ok(())
    }

    fn is_in_memory(&self) -> bool {
        self.appender.is_none() && self.small.len() as u64 == self.size()
    }

    /// The file, with all that was kept in memory.
    async fn appender(&mut self) -> Result<Box<dyn Appender>, Fault> {
        if let Some(appender) = self.appender.take() {
            return Ok(appender);
        }
        let mut appender = self.open(self.size() - self.small.len() as u64).await?;
        if !self.small.is_empty() {
            appender.write(self.small.split().freeze()).await?;
        }
        Ok(appender)
    }

    fn check_limit(&self, size: u64) -> Result<(), UploadWriteError> {
        match self.place.shared.options.blob_limit {
            Some(limit) if size > limit => Err(UploadWriteError::TooLarge { limit }),
            _ => Ok(()),
        }
    }

    /// Opens the file where this writer begins, and cuts off what lies behind: nobody was told of it.
    async fn open(&mut self, start: u64) -> Result<Box<dyn Appender>, Fault> {
        if self.start.is_fresh {
            self.state = self.place.leftovers().await?;
        }
        self.place.forget_beyond(&mut self.state, start).await?;
        let data = paths::upload_data(&self.place.name, &self.place.id);
        let driver = self.place.store().driver();
        let options = AppendOptions::cut_to(start).expecting(self.expected);
        let mut appender = driver.append(&data, options).await?;
        appender.tap(self.hash.tap());
        Ok(appender)
    }

    /// Writes what was received; whether there was something. It becomes durable with the record of it.
    async fn settle(&mut self) -> Result<bool, Fault> {
        if self.appender.is_none() && self.small.is_empty() {
            return Ok(false);
        }
        let closing = self.appender().await?.close();
        let length = self.closed(closing).await?;
        if length != self.size() || self.hasher().len() != length {
            return Err(Fault::damaged("an upload is not as long as was hashed"));
        }
        Ok(true)
    }

    /// Makes durable and known to the record what was received, without acknowledging it.
    async fn keep(&mut self) -> Result<(), Fault> {
        if !self.settle().await? {
            return Ok(());
        }
        // The acknowledged end is 0, which needs no state until there is a higher one.
        let zero = Hasher::new(self.state.kind);
        let first = (self.state.received() == 0).then_some(&zero);
        self.save(first).await
    }

    /// Makes what was written durable and acknowledged.
    pub(super) async fn suspend(mut self) -> Result<UploadStatus, Fault> {
        self.settle().await?;
        self.save(None).await?;
        let size = self.size();
        self.place.keep_only(&mut self.state, size).await?;
        Ok(self.status())
    }

    pub(super) fn status(&self) -> UploadStatus {
        let id = self.place.id.clone();
        UploadStatus::new(id, self.start.at, self.size())
    }

    /// Whether all that the upload holds is known to the record already, and nothing else.
    pub(super) fn is_acknowledged(&self) -> bool {
        let written = self.appender.is_some() || !self.small.is_empty();
        !written && self.state.received() == self.size() && self.state.saved.len() <= 1
    }

    /// Whether a chunk is known to be so short that it is going to be kept in memory.
    pub(super) fn is_small(&self, chunk: &Chunk) -> bool {
        let rest = (SMALL - self.small.len().min(SMALL)) as u64;
        self.is_in_memory() && chunk.length.is_some_and(|length| length <= rest)
    }

    /// Saves the state of the hash where the upload ends now, after another one.
    async fn save(&mut self, first: Option<&Hasher>) -> Result<(), Fault> {
        let size = self.size();
        if size == 0 || self.state.saved.contains(&size) {
            return Ok(());
        }
        let hasher = self.hasher();
        let hashers: Vec<&Hasher> = first.into_iter().chain([&hasher]).collect();
        let (state, start) = (&mut self.state, &mut self.start);
        self.place.save(state, start, &hashers).await
    }

    /// Sees that all bytes are together, and as many as were hashed.
    pub(super) async fn seal(&mut self) -> Result<Sealed, UploadFinishError> {
        let size = self.size();
        if self.is_in_memory() {
            return Ok(Sealed::InMemory(self.small.split().freeze()));
        }
        if self.appender.is_none() {
            match self.place.data_length().await? {
                None => return Ok(Sealed::Gone),
                Some(length) if length == size => return Ok(Sealed::InFile),
                Some(length) if length < size => {
                    return Err(self
                        .place
                        .damaged("it is shorter than was acknowledged")
                        .into());
                }
                _ => self.appender = Some(self.open(size).await?),
            }
        }
        if let Some(appender) = self.appender.take() {
            // To wait for much to be written would be long, while others wait for the repository.
            let closing = match size {
                0..=LITTLE => appender.close(),
                _ => appender.finish(),
            };
            let length = self.closed(closing).await?;
            if length != size || self.hasher().len() != size {
                return Err(self.place.damaged("it is not as long as was hashed").into());
            }
        }
        Ok(Sealed::InFile)
    }

    /// Goes back to where a failed write began.
    async fn undo(&mut self, hasher: Hasher, small: BytesMut) {
        if let Some(appender) = self.appender.take()
            && let Err(error) = appender.close().await
        {
            tracing::warn!(upload = %self.place.id, ?error, "a failed write could not be closed");
        }
        self.size = hasher.len() + small.len() as u64;
        self.hash = Running::new(hasher);
        self.small = small;
        self.expected = None;
        let end = self.hasher().len();
        if self.state.received() <= end {
            self.give_back_room(end).await;
        }
    }

    /// Cuts off what a failed write left. The next one would, but a disk that is full should not wait for it.
    async fn give_back_room(&mut self, end: u64) {
        if let Err(fault) = self.cut(end).await {
            tracing::warn!(upload = %self.place.id, error = ?fault, "the bytes of a failed write stay");
        }
    }

    async fn cut(&mut self, end: u64) -> Result<(), Fault> {
        let left = self.place.data_length().await?;
        if left.is_some_and(|length| length > end) {
            self.open(end).await?.close().await?;
        }
        Ok(())
    }

    /// What is written at last may fail for all before. Then only what the record knows is left.
    async fn closed(&mut self, closing: Pending<'static, u64>) -> Result<u64, Fault> {
        let closed = closing.await;
        if closed.is_err() {
            self.expected = None;
            self.give_back_room(self.state.received()).await;
        }
        Ok(closed?)
    }

    /// Removes the upload; whether there was one.
    pub(super) async fn drop_all(self) -> Result<bool, Fault> {
        if let Some(appender) = self.appender {
            // Dropped alone it may still be writing, and would hold on to the file.
            drop(appender.finish().await);
        }
        self.place.drop_all().await
    }
}
