//! What work takes this thread, in processor time.

use std::time::Duration;

use crate::bench::clock;

/// What `work` took, and what it gave.
pub(super) fn took<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let before = clock::of_this_thread();
    let outcome = work();
    (clock::of_this_thread().saturating_sub(before), outcome)
}

/// Nanoseconds for each of so many times.
pub(super) fn nanoseconds(all: Duration, times: usize) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a number of times is far below 2^52"
    )]
    let times = times.max(1) as f64;
    all.as_secs_f64() * 1e9 / times
}
