//! The one place that reads the time.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Now.
pub(super) fn now() -> Instant {
    #[expect(
        clippy::disallowed_methods,
        reason = "measuring time is what a benchmark is for"
    )]
    Instant::now()
}

/// Processor time of this thread so far, user and system. What else runs on the machine is not in it.
pub(super) fn of_this_thread() -> Duration {
    processor(ClockId::ThreadCPUTime)
}

/// As [`of_this_thread`], of all threads of this process, with those that have ended.
pub(super) fn of_this_process() -> Duration {
    processor(ClockId::ProcessCPUTime)
}

fn processor(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
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
