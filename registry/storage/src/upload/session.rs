//! A writer at work on an upload: bytes appended and hashed once, and the record kept behind them.

use bytes::Bytes;
use futures_util::StreamExt;
use jiff::Timestamp;
use registry_protocol::digest::Hasher;

use super::state::{Place, State};
use crate::domain::{Chunk, UploadStatus};
use crate::driver::{AppendOptions, Appender};
use crate::error::{Fault, UploadFinishError, UploadSeekError, UploadWriteError};
use crate::layout::paths;
use crate::locks::Exclusive;

/// An upload that nobody else writes while this lives.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) place: Place,
    pub(super) started_at: Timestamp,
    pub(super) state: State,
    /// The hash of what the upload holds; its length is where the next byte goes.
    pub(super) hasher: Hasher,
    /// Open from the first byte written until it is durable.
    appender: Option<Box<dyn Appender>>,
    _lock: Exclusive,
}

impl Session {
    pub(super) fn new(
        place: Place,
        started_at: Timestamp,
        state: State,
        hasher: Hasher,
        lock: Exclusive,
    ) -> Self {
        Self {
            place,
            started_at,
            state,
            hasher,
            appender: None,
            _lock: lock,
        }
    }

    /// Where the next byte goes.
    pub(super) fn size(&self) -> u64 {
        self.hasher.len()
    }

    /// Goes on at an end of the upload: the acknowledged one, or that of what was received. Whoever asks
    /// for another is told the latter, which so becomes the acknowledged one.
    pub(super) async fn seek(&mut self, offset: u64) -> Result<(), UploadSeekError> {
        if offset == self.size() {
            return Ok(());
        }
        if self.appender.is_none() && self.ends_at(offset) {
            self.hasher = self.place.hasher(&self.state, offset).await?;
            return Ok(());
        }
        if self.appender.is_some() {
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
        let before = self.hasher.clone();
        match self.append(chunk).await {
            Ok(()) => Ok(self.size()),
            Err(error @ UploadWriteError::Body(_)) => {
                if let Err(fault) = self.keep().await {
                    tracing::warn!(upload = %self.place.id, error = ?fault, "what was received is lost");
                }
                Err(error)
            }
            Err(error) => {
                self.undo(before).await;
                Err(error)
            }
        }
    }

    async fn append(&mut self, chunk: Chunk) -> Result<(), UploadWriteError> {
        let Chunk { mut body, length } = chunk;
        let start = self.size();
        while let Some(bytes) = body.next().await {
            let bytes = bytes.map_err(UploadWriteError::Body)?;
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

    async fn put(&mut self, bytes: Bytes) -> Result<(), Fault> {
        let mut appender = match self.appender.take() {
            Some(appender) => appender,
            None => self.open().await?,
        };
        appender.write(bytes.clone()).await?;
        self.appender = Some(appender);
        self.hasher.update(&bytes);
        Ok(())
    }

    fn check_limit(&self, size: u64) -> Result<(), UploadWriteError> {
        match self.place.shared.options.blob_limit {
            Some(limit) if size > limit => Err(UploadWriteError::TooLarge { limit }),
            _ => Ok(()),
        }
    }

    /// Opens the file where this writer begins, and cuts off what lies behind: nobody was told of it.
    async fn open(&mut self) -> Result<Box<dyn Appender>, Fault> {
        let start = self.size();
        self.place.forget_beyond(&mut self.state, start).await?;
        let data = paths::upload_data(&self.place.name, &self.place.id);
        let driver = self.place.store().driver();
        Ok(driver.append(&data, AppendOptions::cut_to(start)).await?)
    }

    /// Makes durable and known to the record what was received, without acknowledging it.
    pub(super) async fn keep(&mut self) -> Result<(), Fault> {
        let Some(appender) = self.appender.take() else {
            return Ok(());
        };
        appender.finish().await?;
        if self.state.saved.is_empty() {
            // The acknowledged end was 0, which needs no state until there is a higher one.
            self.place.save(&Hasher::new(self.state.kind)).await?;
            self.state.saved.push(0);
        }
        self.save().await
    }

    /// Makes what was written durable and acknowledged.
    pub(super) async fn suspend(mut self) -> Result<UploadStatus, Fault> {
        if let Some(appender) = self.appender.take() {
            appender.finish().await?;
        }
        let size = self.size();
        if size > 0 || !self.state.saved.is_empty() {
            self.save().await?;
        }
        self.place.keep_only(&mut self.state, size).await?;
        let id = self.place.id.clone();
        Ok(UploadStatus::new(id, self.started_at, size))
    }

    /// Saves the state of the hash where the upload ends now.
    async fn save(&mut self) -> Result<(), Fault> {
        let size = self.size();
        if let Err(at) = self.state.saved.binary_search(&size) {
            self.place.save(&self.hasher).await?;
            self.state.saved.insert(at, size);
        }
        Ok(())
    }

    /// Makes the file durable and just as long as the hash says; false where there is no file, though
    /// there should be one.
    pub(super) async fn seal(&mut self) -> Result<bool, UploadFinishError> {
        let size = self.size();
        if self.appender.is_none() {
            match self.place.data_length().await? {
                None if size > 0 => return Ok(false),
                Some(length) if length == size => return Ok(true),
                Some(length) if length < size => {
                    return Err(self
                        .place
                        .damaged("it is shorter than was acknowledged")
                        .into());
                }
                _ => self.appender = Some(self.open().await?),
            }
        }
        if let Some(appender) = self.appender.take() {
            let length = appender.finish().await.map_err(Fault::from)?;
            if length != size {
                return Err(self.place.damaged("it is not as long as was hashed").into());
            }
        }
        Ok(true)
    }

    /// Goes back to where a failed write began. What it wrote is cut off by the next one.
    async fn undo(&mut self, before: Hasher) {
        if let Some(appender) = self.appender.take()
            && let Err(error) = appender.finish().await
        {
            tracing::warn!(upload = %self.place.id, ?error, "a failed write could not be closed");
        }
        self.hasher = before;
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
