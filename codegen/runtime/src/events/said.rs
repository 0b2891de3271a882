//! What the events of a stream have said of it so far: who takes the stream up again asks by it.
//!
//! It is kept apart from the events, because a block may say it that is no event, and because it holds beyond
//! the connection on which it came.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::EventId;

/// What was said last of the id and of the time to wait. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said(Arc<Mutex<Last>>);

#[derive(Debug, Default)]
struct Last {
    id: Option<EventId>,
    retry: Option<Duration>,
}

impl Said {
    /// The id and the time to wait that hold now.
    pub(crate) fn now(&self) -> (Option<EventId>, Option<Duration>) {
        let last = self.last();
        (last.id.clone(), last.retry)
    }

    /// There is another id, or none any more.
    pub(crate) fn id(&self, id: Option<EventId>) {
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
