//! Where lines go: into a buffer, which one thread writes.
//!
//! Whoever has a line puts it into the buffer and goes on; he never waits for a system call. The thread
//! writes at once where a line may not wait, and otherwise when there is much or when its time is up. It is
//! woken by the first line of each batch alone: a wake is a system call, and one for each line would cost as
//! much as writing it. Hazard: what reads the lines may stop reading. Then the buffer fills, and the lines
//! for which there is no room are counted, and dropped; the count is a line of its own, in their place.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::GATHER;
use crate::config::Log;

/// With so many bytes the thread no longer waits for more.
const MUCH: usize = 64 * 1024;

/// So many bytes wait at most. The thread may have as many in hand.
const ROOM: usize = 4 << 20;

/// So long [`Output::flush`] waits for whatever reads the lines.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where lines go. Clones share it; when the last one is dropped it is flushed.
#[derive(Clone)]
pub struct Output(Arc<Handle>);

impl Output {
    /// Writes to `sink`, from a thread of its own; its errors are passed over, since nobody is left to tell.
    /// How the line looks that tells of dropped ones is as configured.
    ///
    /// # Errors
    ///
    /// There can be no further thread.
    pub fn new(log: &Log, sink: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let written = Arc::clone(&shared);
        let log = log.clone();
        let thread = thread::Builder::new().name("log".to_owned());
        thread.spawn(move || written.write_all(sink, |count| super::dropped(&log, count)))?;
        Ok(Self(Arc::new(Handle(shared))))
    }

    /// Writes a line as soon as what came before it is written.
    pub(super) fn write(&self, line: &str) {
        self.0.0.put(line, true);
    }

    /// Writes a line within [`GATHER`].
    pub(super) fn gather(&self, line: &str) {
        self.0.0.put(line, false);
    }

    /// Waits until all that came before is written, though at most two seconds.
    pub fn flush(&self) {
        self.0.0.flush();
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}

/// What clones share; the thread does not count among them.
struct Handle(Arc<Shared>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.flush();
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// For the thread: there is something where there was nothing, or it no longer may wait.
    begun: Condvar,
    /// For those that flush: a batch is written.
    done: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in between leaves bytes that are as good as before.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, line: &str, is_urgent: bool) {
        if self.lock().put(line, is_urgent) {
            self.begun.notify_one();
        }
    }

    fn flush(&self) {
        let mut state = self.lock();
        let last = state.taken + u64::from(!state.is_empty());
        state.is_due = true;
        self.begun.notify_one();
        let is_waiting = |state: &mut State| state.written < last;
        drop(self.done.wait_timeout_while(state, PATIENCE, is_waiting));
    }

    /// Writes until it is over.
    fn write_all(&self, mut sink: impl Write, dropped: impl Fn(u64) -> String) {
        let mut batch = Vec::new();
        while let Some((number, lost)) = self.take(&mut batch) {
            if lost > 0 {
                batch.extend_from_slice(dropped(lost).as_bytes());
            }
            let _ = sink.write_all(&batch);
            let _ = sink.flush();
            batch.clear();
            batch.shrink_to(2 * MUCH);
            self.lock().written = number;
            self.done.notify_all();
        }
    }

    /// Waits for the next batch, and gives its number and how many lines were dropped behind it.
    fn take(&self, batch: &mut Vec<u8>) -> Option<(u64, u64)> {
        let is_idle = |state: &mut State| state.is_empty() && !state.is_over;
        let state = self.begun.wait_while(self.lock(), is_idle);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        let may_wait = |state: &mut State| !state.is_due && !state.is_over;
        let waited = self.begun.wait_timeout_while(state, GATHER, may_wait);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.is_empty() {
            return None;
        }
        std::mem::swap(&mut state.gathered, batch);
        state.is_due = false;
        state.taken += 1;
        Some((state.taken, std::mem::take(&mut state.dropped)))
    }
}

#[derive(Default)]
struct State {
    gathered: Vec<u8>,
    /// How many lines there was no room for since.
    dropped: u64,
    /// How many batches were taken to be written, and how many of them are.
    taken: u64,
    written: u64,
    /// What is gathered may not wait for more.
    is_due: bool,
    is_over: bool,
}

impl State {
    fn is_empty(&self) -> bool {
        self.gathered.is_empty() && self.dropped == 0
    }

    /// Adds a line, if there is room, and says whether the thread has to know.
    fn put(&mut self, line: &str, is_urgent: bool) -> bool {
        let was_idle = self.is_empty();
        let was_due = self.is_due;
        // None comes behind one that was dropped: they are in the order of events.
        if self.dropped > 0 || self.gathered.len() + line.len() > ROOM {
            self.dropped += 1;
        } else {
            self.gathered.extend_from_slice(line.as_bytes());
            self.is_due |= is_urgent || self.gathered.len() >= MUCH;
        }
        was_idle || self.is_due != was_due
    }
}
