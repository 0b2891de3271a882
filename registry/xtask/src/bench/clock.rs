//! The one place that reads the time.

use std::time::{Duration, Instant};

/// Now.
pub(super) fn now() -> Instant {
    #[expect(
        clippy::disallowed_methods,
        reason = "measuring time is what a benchmark is for"
    )]
    Instant::now()
}

/// A moment after which a loop ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn after(time: Duration) -> Self {
        Self(now() + time)
    }

    pub(super) fn passed(self) -> bool {
        now() >= self.0
    }
}
