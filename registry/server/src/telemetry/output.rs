//! Where lines go: at once, or gathered.
//!
//! One buffer holds the lines that may wait. It is written when it is full, when its time is up, and before
//! any line that may not wait, so that the order of lines is that of events. A thread keeps the time; it
//! sleeps while there is nothing to wait for. A channel to a thread that writes would be no better than a
//! system call a line: each send wakes it.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::GATHER;

/// So many bytes are gathered at most.
const FULL: usize = 64 * 1024;

/// Where lines go. Clones share it; what is gathered is written at last when the last one is dropped.
#[derive(Clone)]
pub struct Output(Arc<Handle>);

impl Output {
    /// Writes to `sink`; its errors are passed over, since nobody is left to tell.
    pub fn new(sink: impl Write + Send + 'static) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                gathered: Vec::new(),
                sink: Box::new(sink),
                is_timed: false,
                is_over: false,
            }),
            begun: Condvar::new(),
        });
        let timed = Arc::clone(&shared);
        let thread = thread::Builder::new().name("log".to_owned());
        let is_timed = thread.spawn(move || timed.keep_time()).is_ok();
        shared.lock().is_timed = is_timed;
        Self(Arc::new(Handle(shared)))
    }

    /// Writes a line, and before it what is gathered.
    pub(super) fn write(&self, line: &str) {
        let mut state = self.0.0.lock();
        state.gathered.extend_from_slice(line.as_bytes());
        state.flush();
    }

    /// Writes a line within [`GATHER`].
    pub(super) fn gather(&self, line: &str) {
        let mut state = self.0.0.lock();
        let is_first = state.gathered.is_empty();
        state.gathered.extend_from_slice(line.as_bytes());
        if state.gathered.len() >= FULL || !state.is_timed {
            state.flush();
        } else if is_first {
            self.0.0.begun.notify_one();
        }
    }

    /// Writes what is gathered.
    pub fn flush(&self) {
        self.0.0.lock().flush();
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}

/// What clones share; the thread that keeps the time does not count among them.
struct Handle(Arc<Shared>);

impl Drop for Handle {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.flush();
        state.is_over = true;
        self.0.begun.notify_one();
    }
}

struct Shared {
    state: Mutex<State>,
    /// There is something where there was nothing, or it is over.
    begun: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in between leaves bytes that are as good as before.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep_time(&self) {
        loop {
            let waited = self.begun.wait_while(self.lock(), |state| {
                state.gathered.is_empty() && !state.is_over
            });
            let state = waited.unwrap_or_else(PoisonError::into_inner);
            if state.is_over {
                return;
            }
            drop(state);
            thread::sleep(GATHER);
            self.lock().flush();
        }
    }
}

struct State {
    gathered: Vec<u8>,
    sink: Box<dyn Write + Send>,
    /// Somebody writes what is gathered when its time is up.
    is_timed: bool,
    is_over: bool,
}

impl State {
    fn flush(&mut self) {
        if !self.gathered.is_empty() {
            let _ = self.sink.write_all(&self.gathered);
            let _ = self.sink.flush();
            self.gathered.clear();
        }
    }
}
