//! What is there, in memory: what a store of objects and a queue of jobs would be elsewhere. It knows nothing of HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api_runtime::bytes::Bytes;
use api_runtime::{DateTime, Etag};

use crate::measuring::Measuring;
use crate::types::*;

/// An archive. Clones share it.
#[derive(Clone, Debug)]
pub struct Archive {
    held: Arc<Mutex<Held>>,
    now: fn() -> DateTime,
    /// How long a job rests after each piece.
    pub(crate) pace: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) recordings: BTreeMap<RecordingName, Stored>,
    pub(crate) jobs: BTreeMap<JobName, Arc<Measuring>>,
    versions: u64,
}

/// A recording.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) about: Recording,
    pub(crate) etag: Etag,
    pub(crate) sound: Bytes,
}

impl Archive {
    /// An empty archive.
    pub fn new(now: fn() -> DateTime, pace: Duration) -> Self {
        Self {
            held: Arc::default(),
            now,
            pace,
        }
    }

    /// What is there, for one caller at a time.
    pub(crate) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What time it is.
    pub(crate) fn now(&self) -> DateTime {
        (self.now)()
    }
}

impl Held {
    /// The recording of this name.
    pub(crate) fn recording(&self, name: &RecordingName) -> Result<&Stored, NotFound> {
        self.recordings.get(name).ok_or(NotFound)
    }

    /// The job of this name.
    pub(crate) fn job(&self, name: &JobName) -> Result<Arc<Measuring>, NotFound> {
        self.jobs.get(name).cloned().ok_or(NotFound)
    }

    /// Takes a recording in, in place of one of the same name.
    pub(crate) fn store(&mut self, about: Recording, sound: Bytes) -> &Stored {
        self.versions += 1;
        let etag =
            Etag::strong(format!("v{}", self.versions)).expect("a letter and a number are a tag");
        let stored = Stored { about, etag, sound };
        self.recordings
            .entry(stored.about.name.clone())
            .insert_entry(stored)
            .into_mut()
    }
}
