//! The record of an upload in storage: when it was started, and the states of its hash.
//!
//! A state is saved only after the bytes before it are durable. The lowest saved state is the acknowledged
//! end of the upload, without any it is 0; higher ones are ends of what was received, but not acknowledged.
//! So an end is acknowledged by deleting the states below it, and a crash before that took nothing back.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use registry_protocol::digest::{Hasher, Kind};
use registry_protocol::{Name, UploadId};

use super::hash;
use crate::driver::{Change, Key};
use crate::error::{Fault, UploadDamaged, UploadError, UploadUnknown};
use crate::layout::{Store, paths};
use crate::shared::Shared;

/// Longer than a time, and longer than the state of any hash.
const RECORD_LIMIT: u64 = 4096;

/// Where an upload lies.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) shared: Arc<Shared>,
    pub(super) name: Name,
    pub(super) id: UploadId,
}

/// Which states of the hash are saved.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) kind: Kind,
    /// The offsets, in ascending order.
    pub(super) saved: Vec<u64>,
}

impl State {
    /// Looks which there are.
    pub(super) async fn load(place: &Place) -> Result<Self, Fault> {
        let store = place.store();
        let all = paths::all_hash_states(&place.name, &place.id);
        let kinds = store.children(&all).await?;
        for kind in Kind::ALL {
            if !kinds.iter().any(|entry| entry.name == kind.as_str()) {
                continue;
            }
            let states = paths::hash_states(&place.name, &place.id, kind);
            let entries = store.children(&states).await?;
            let offsets = entries.iter().filter_map(|entry| entry.name.parse().ok());
            let mut saved: Vec<u64> = offsets.collect();
            saved.sort_unstable();
            if !saved.is_empty() {
                return Ok(Self { kind, saved });
            }
        }
        let (kind, saved) = (Kind::default(), Vec::new());
        Ok(Self { kind, saved })
    }

    /// The end of the upload that the client knows of.
    pub(super) fn acknowledged(&self) -> u64 {
        self.saved.first().copied().unwrap_or(0)
    }

    /// The end of all that was kept.
    pub(super) fn received(&self) -> u64 {
        self.saved.last().copied().unwrap_or(0)
    }
}

impl Place {
    pub(super) fn new(shared: Arc<Shared>, name: Name, id: UploadId) -> Self {
        Self { shared, name, id }
    }

    pub(super) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(super) fn lock_key(&self) -> (Name, UploadId) {
        (self.name.clone(), self.id.clone())
    }

    /// Lets the next request know the algorithm: the state at 0 tells it.
    pub(super) async fn announce(&self, kind: Kind) -> Result<State, Fault> {
        let mut saved = Vec::new();
        if kind != Kind::default() {
            let (key, content) = self.state_of(&Hasher::new(kind));
            self.store().write_volatile(&key, content).await?;
            saved.push(0);
        }
        Ok(State { kind, saved })
    }

    /// Makes the upload exist.
    pub(super) async fn begin(&self) -> Result<Timestamp, Fault> {
        let second = self.shared.clock.now().as_second();
        let now = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        let (key, content) = self.start_of(now);
        self.store().write_volatile(&key, content).await?;
        Ok(now)
    }

    fn start_of(&self, time: Timestamp) -> (Key, Bytes) {
        let key = paths::upload_started_at(&self.name, &self.id);
        (key, Bytes::from(time.to_string()))
    }

    fn state_of(&self, hasher: &Hasher) -> (Key, Bytes) {
        let key = paths::hash_state(&self.name, &self.id, hasher.kind(), hasher.len());
        (key, Bytes::from(hasher.save()))
    }

    /// When the upload was started; without that record there is no upload.
    pub(super) async fn started_at(&self) -> Result<Timestamp, UploadError> {
        let key = paths::upload_started_at(&self.name, &self.id);
        let Some(content) = self.store().read(&key, RECORD_LIMIT).await? else {
            let id = self.id.clone();
            return Err(UploadUnknown { id }.into());
        };
        if content.is_empty() {
            // A power cut left it like this, before anything in the upload was acknowledged.
            let id = self.id.clone();
            return Err(UploadUnknown { id }.into());
        }
        let text = std::str::from_utf8(&content).unwrap_or("").trim();
        let parsed = text.parse().map_err(|_| self.damaged("it has no start"));
        Ok(parsed?)
    }

    /// The hash of the first bytes, up to a saved offset or 0.
    pub(super) async fn hasher(&self, state: &State, offset: u64) -> Result<Hasher, Fault> {
        if offset == 0 {
            return Ok(Hasher::new(state.kind));
        }
        let key = paths::hash_state(&self.name, &self.id, state.kind, offset);
        let saved = self
            .store()
            .read(&key, RECORD_LIMIT)
            .await?
            .unwrap_or_default();
        match Hasher::restore(&saved) {
            Ok(hasher) if hasher.len() == offset && hasher.kind() == state.kind => Ok(hasher),
            // Saved by another program or version: the bytes themselves are still there.
            _ => hash::again(self, state.kind, offset).await,
        }
    }

    /// How many bytes lie there, acknowledged or not; none where there is no file.
    pub(super) async fn data_length(&self) -> Result<Option<u64>, Fault> {
        let data = paths::upload_data(&self.name, &self.id);
        Ok(self.store().stat(&data).await?.map(|stat| stat.len))
    }

    /// What is acknowledged has to be there. No file at all is another matter: then completing the
    /// upload was interrupted after the file had become a blob, and is just repeated.
    pub(super) async fn check(&self, state: &State) -> Result<(), UploadError> {
        if state.acknowledged() == 0 {
            return Ok(());
        }
        match self.data_length().await? {
            Some(length) if length < state.acknowledged() => {
                Err(self.damaged("it is shorter than was acknowledged").into())
            }
            _ => Ok(()),
        }
    }

    /// Saves states, in their order, after the bytes before them. With the first one beyond 0 the whole
    /// upload becomes durable.
    pub(super) async fn save(
        &self,
        state: &mut State,
        started_at: Timestamp,
        hashers: &[&Hasher],
    ) -> Result<(), Fault> {
        let one = |hasher: &&Hasher| {
            let (key, content) = self.state_of(hasher);
            vec![Change::Put(key, content)]
        };
        let mut stages: Vec<Vec<Change>> = hashers.iter().map(one).collect();
        if let Some(first) = stages.first_mut().filter(|_| state.received() == 0) {
            let (key, content) = self.start_of(started_at);
            first.push(Change::Put(key, content));
        }
        let data = Change::Sync(paths::upload_data(&self.name, &self.id));
        stages.insert(0, vec![data]);
        self.store().publish(stages).await?;
        state
            .saved
            .extend(hashers.iter().map(|hasher| hasher.len()));
        state.saved.sort_unstable();
        state.saved.dedup();
        Ok(())
    }

    /// Forgets all saved states but one, which so becomes the acknowledged one. The higher ones go
    /// first: meanwhile the acknowledged end must not seem to be beyond what it is going to be.
    pub(super) async fn keep_only(&self, state: &mut State, offset: u64) -> Result<(), Fault> {
        while let Some(other) = state.saved.iter().rev().find(|other| **other != offset) {
            let other = *other;
            self.forget(state.kind, other).await?;
            state.saved.retain(|saved| *saved != other);
        }
        Ok(())
    }

    /// Forgets the states beyond an offset: the bytes there are going to be others.
    pub(super) async fn forget_beyond(&self, state: &mut State, offset: u64) -> Result<(), Fault> {
        while let Some(last) = state.saved.last().copied().filter(|last| *last > offset) {
            self.forget(state.kind, last).await?;
            state.saved.pop();
        }
        Ok(())
    }

    async fn forget(&self, kind: Kind, offset: u64) -> Result<(), Fault> {
        let key = paths::hash_state(&self.name, &self.id, kind, offset);
        self.store().delete(&key).await.map(drop)
    }

    /// Removes the upload for good; whether there was one. It ceases to exist with its first file.
    pub(super) async fn drop_all(&self) -> Result<bool, Fault> {
        let started_at = paths::upload_started_at(&self.name, &self.id);
        let existed = self.store().delete(&started_at).await?;
        self.discard().await;
        Ok(existed)
    }

    /// That the upload, which became a blob, is removed.
    pub(super) fn over(&self) -> Change {
        Change::Discard(paths::upload(&self.name, &self.id))
    }

    /// Removes the upload, which is over, whatever became of it. What comes back after a power cut is as
    /// any other upload that nobody goes on with.
    pub(super) async fn discard(&self) {
        let upload = paths::upload(&self.name, &self.id);
        if let Err(fault) = self.store().discard(&upload).await {
            tracing::warn!(repository = %self.name, upload = %self.id, error = ?fault, "remains of an upload stay");
        }
    }

    pub(super) fn damaged(&self, reason: &'static str) -> UploadDamaged {
        let id = self.id.clone();
        UploadDamaged { id, reason }
    }
}
