//! Time and chance, which everything here is given and never takes.
//!
//! Waiting is part of it: a test gives a clock on which an hour passes at once.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

/// Time as it passes, and the chance that spreads repetitions over it.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// How long it is since some fixed moment. It never goes back.
    fn now(&self) -> Duration;

    /// Ready after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A number from 0 up to, but not including, 1.
    fn chance(&self) -> f64;

    /// Seconds since 1970, as far as the system knows: what a date in an answer is compared with.
    fn unix(&self) -> Duration;
}

/// The clock of the system.
#[derive(Debug, Clone)]
pub struct SystemClock {
    start: tokio::time::Instant,
}

impl SystemClock {
    /// A clock that counts from now.
    pub fn new() -> Self {
        Self {
            start: tokio::time::Instant::now(),
        }
    }

    pub(crate) fn shared() -> Arc<dyn Clock> {
        Arc::new(Self::new())
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn chance(&self) -> f64 {
        fastrand::f64()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the clock that everything else is given"
    )]
    fn unix(&self) -> Duration {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default()
    }
}
