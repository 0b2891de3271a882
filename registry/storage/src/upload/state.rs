//! The record of an upload in storage: when it was started, and the states of its hash.
//!
//! A start is a file of its own, since most blobs come whole with the next request, and then nothing else is
//! needed. It moves into the directory of the upload together with the first state, in one durable step: while
//! it is not there, nothing that lies in the directory counts.
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
use crate::error::{Fault, FaultKind, UploadDamaged, UploadError, UploadUnknown};
use crate::layout::{Store, paths};
use crate::shared::Shared;

/// Longer than a time, and longer than the state of any hash.
const RECORD_LIMIT: u64 = 4096;

/// When an upload was started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) at: Timestamp,
    /// Whether it is a file of its own: nothing of the upload was kept yet.
    pub(super) is_fresh: bool,
}

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
    /// Of an upload of which nothing was kept.
    pub(super) fn new(kind: Kind) -> Self {
        let saved = Vec::new();
        Self { kind, saved }
    }

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
        Ok(Self::new(Kind::default()))
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

    /// Makes the upload exist. An algorithm other than the usual one is to be known to the next request:
    /// the state at 0 tells it.
    pub(super) async fn begin(&self, kind: Kind) -> Result<(Start, State), Fault> {
        let second = self.shared.clock.now().as_second();
        let at = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        let is_fresh = kind == Kind::default();
        let mut state = State::new(kind);
        if !is_fresh {
            let (key, content) = self.state_of(&Hasher::new(kind));
            self.store().write_volatile(&key, content).await?;
            state.saved.push(0);
        }
        let key = if is_fresh {
            self.fresh_start()
        } else {
            self.kept_start()
        };
        self.store().write_volatile(&key, text_of(at)).await?;
        Ok((Start { at, is_fresh }, state))
    }

    fn fresh_start(&self) -> Key {
        paths::upload_start(&self.name, &self.id)
    }

    fn kept_start(&self) -> Key {
        paths::upload_started_at(&self.name, &self.id)
    }

    fn state_of(&self, hasher: &Hasher) -> (Key, Bytes) {
        let key = paths::hash_state(&self.name, &self.id, hasher.kind(), hasher.len());
        (key, Bytes::from(hasher.save()))
    }

    /// When the upload was started; without that record there is no upload.
    pub(super) async fn start(&self) -> Result<Start, UploadError> {
        for (key, is_fresh) in [(self.fresh_start(), true), (self.kept_start(), false)] {
            let content = self.store().read(&key, RECORD_LIMIT).await?;
            // A power cut leaves it empty, before anything in the upload was acknowledged.
            let Some(content) = content.filter(|content| !content.is_empty()) else {
                continue;
            };
            let text = std::str::from_utf8(&content).unwrap_or("").trim();
            let at = text.parse().map_err(|_| self.damaged("it has no start"))?;
            return Ok(Start { at, is_fresh });
        }
        let id = self.id.clone();
        Err(UploadUnknown { id }.into())
    }

    /// The states of an upload of which nothing was kept: those that an interrupted request left.
    pub(super) async fn leftovers(&self) -> Result<State, Fault> {
        if self.store().exists(&self.fresh_start()).await? {
            return State::load(self).await;
        }
        // Another process took it, or this one failed before it knew that it had moved it.
        let reason = "another request has written this upload";
        Err(Fault::new(FaultKind::Unavailable, reason))
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
        start: &mut Start,
        hashers: &[&Hasher],
    ) -> Result<(), Fault> {
        let one = |hasher: &&Hasher| {
            let (key, content) = self.state_of(hasher);
            vec![Change::Put(key, content)]
        };
        let mut stages: Vec<Vec<Change>> = hashers.iter().map(one).collect();
        if let Some(first) = stages.first_mut() {
            if start.is_fresh {
                first.push(Change::Rename(self.fresh_start(), self.kept_start()));
            } else if state.received() == 0 {
                first.push(Change::Put(self.kept_start(), text_of(start.at)));
            }
        }
        let data = Change::Sync(paths::upload_data(&self.name, &self.id));
        stages.insert(0, vec![data]);
        self.store().publish(stages).await?;
        start.is_fresh = false;
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

    /// Removes the upload for good; whether there was one. It ceases to exist with its start.
    pub(super) async fn drop_all(&self) -> Result<bool, Fault> {
        let was_fresh = self.store().delete(&self.fresh_start()).await?;
        let was_kept = self.store().delete(&self.kept_start()).await?;
        self.discard().await;
        Ok(was_fresh || was_kept)
    }

    /// All that there may be of the upload.
    pub(super) fn remains(&self) -> [Key; 2] {
        [self.fresh_start(), paths::upload(&self.name, &self.id)]
    }

    /// That the upload, which became a blob, is removed.
    pub(super) fn over(&self) -> Vec<Change> {
        self.remains().map(Change::Discard).into()
    }

    /// Removes the upload, which is over, whatever became of it. What comes back after a power cut is as
    /// any other upload that nobody goes on with.
    pub(super) async fn discard(&self) {
        for key in self.remains() {
            if let Err(fault) = self.store().discard(&key).await {
                tracing::warn!(repository = %self.name, upload = %self.id, error = ?fault, "remains of an upload stay");
            }
        }
    }

    pub(super) fn damaged(&self, reason: &'static str) -> UploadDamaged {
        let id = self.id.clone();
        UploadDamaged { id, reason }
    }
}

/// A time as distribution writes it.
fn text_of(time: Timestamp) -> Bytes {
    Bytes::from(time.to_string())
}
