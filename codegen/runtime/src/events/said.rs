//! What the events of a stream have said of it so far: who takes the stream up again asks by it.
//!
//! It is kept apart from the events, because a block may say it that is no event, and because it holds beyond
//! the connection on which it came.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::EventId;

/// What the events of a stream have said last of the id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LastId {
    /// Nothing: whoever asked behind an id asks behind it again.
    #[default]
    Unsaid,
    /// An empty one: there is none any more, whatever was asked for.
    Gone,
    /// This one.
    Known(EventId),
}

impl LastId {
    /// The id, where there is one.
    pub(crate) fn known(&self) -> Option<&EventId> {
        match self {
            Self::Known(id) => Some(id),
            Self::Unsaid | Self::Gone => None,
        }
    }
}

/// What was said last of the id and of the time to wait. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said(Arc<Mutex<Last>>);

#[derive(Debug, Default)]
struct Last {
    id: LastId,
    retry: Option<Duration>,
}

impl Said {
    /// The id and the time to wait that hold now.
    pub(crate) fn now(&self) -> (LastId, Option<Duration>) {
        let last = self.last();
        (last.id.clone(), last.retry)
    }

    /// This is said of the id now.
    pub(crate) fn id(&self, id: LastId) {
        self.last().id = id;
    }

    /// There is another time to wait.
    pub(crate) fn retry(&self, retry: Duration) {
        self.last().retry = Some(retry);
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        // No panic can come between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
