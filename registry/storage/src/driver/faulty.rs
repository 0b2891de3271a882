//! A driver that fails when it is told to, around any other; for tests.
//!
//! To show that something holds whatever fails, it is done again and again with the first call failing,
//! the second, and so on, until a run makes fewer calls: `Faults::calls` and `Faults::struck` tell.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::observed::{Call, Observed, Observer};
use super::{DriverError, Operation, StorageDriver};

/// A driver with faults.
pub type Faulty = Observed<Faults>;

/// What happens to the call that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// It is not made.
    Before,
    /// It is made, and its answer is lost.
    After,
    /// Neither it nor any later call is made: the process was killed.
    EverSince,
}

type MakeError = dyn Fn(Operation) -> DriverError + Send + Sync;

/// Which call fails, and how.
pub struct Faults {
    at: usize,
    when: When,
    error: Box<MakeError>,
    calls: AtomicUsize,
    struck: AtomicUsize,
}

impl Faults {
    /// The call of that number fails; the first one is 1, and 0 never comes.
    pub fn at(number: usize, when: When) -> Self {
        Self::with(number, when, |operation| DriverError::Other {
            operation,
            driver: "faulty",
            source: "a fault that a test asked for".into(),
        })
    }

    /// The same with an error of one's own.
    pub fn with(
        number: usize,
        when: When,
        error: impl Fn(Operation) -> DriverError + Send + Sync + 'static,
    ) -> Self {
        Self {
            at: number,
            when,
            error: Box::new(error),
            calls: AtomicUsize::new(0),
            struck: AtomicUsize::new(0),
        }
    }

    /// A driver with these faults.
    pub fn around(inner: Arc<dyn StorageDriver>, faults: &Arc<Self>) -> Faulty {
        Observed::new(inner, faults.clone())
    }

    /// How many calls there were.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// How many of them failed on purpose.
    pub fn struck(&self) -> usize {
        self.struck.load(Ordering::SeqCst)
    }

    fn strike(&self, call: &Call) -> DriverError {
        self.struck.fetch_add(1, Ordering::SeqCst);
        (self.error)(call.operation)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("at", &self.at)
            .field("when", &self.when)
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}

impl Observer for Faults {
    fn before(&self, call: &Call) -> Result<(), DriverError> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let strikes = match self.when {
            When::Before => number == self.at,
            When::EverSince => self.at > 0 && number >= self.at,
            When::After => false,
        };
        if strikes {
            return Err(self.strike(call));
        }
        Ok(())
    }

    /// Calls that run side by side are told apart by when they began: the last one to begin is meant.
    fn after(&self, call: &Call) -> Result<(), DriverError> {
        if self.when == When::After && self.calls() == self.at && self.struck() == 0 {
            return Err(self.strike(call));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Faults, When};
    use crate::driver::{
        AppendOptions, DriverError, Key, Memory, Operation, StorageDriver, StorageDriverExt as _,
    };

    fn memory() -> Arc<dyn StorageDriver> {
        Arc::new(Memory::default())
    }

    /// Three calls, and which of them succeeded.
    async fn three(driver: &dyn StorageDriver) -> Vec<bool> {
        let mut answers = Vec::new();
        for text in ["a", "b", "c"] {
            let key = Key::parse(text).unwrap();
            answers.push(driver.create(&key, "content").await.is_ok());
        }
        answers
    }

    async fn there(inner: &Arc<dyn StorageDriver>) -> Vec<bool> {
        let mut there = Vec::new();
        for text in ["a", "b", "c"] {
            there.push(inner.exists(&Key::parse(text).unwrap()).await.unwrap());
        }
        there
    }

    #[tokio::test]
    async fn the_call_that_is_named_fails_in_the_way_that_is_named() {
        let cases = [
            (0, When::Before, [true, true, true], [true, true, true]),
            (0, When::EverSince, [true, true, true], [true, true, true]),
            (2, When::Before, [true, false, true], [true, false, true]),
            (2, When::After, [true, false, true], [true, true, true]),
            (
                2,
                When::EverSince,
                [true, false, false],
                [true, false, false],
            ),
            (4, When::Before, [true, true, true], [true, true, true]),
        ];
        for (number, when, answers, files) in cases {
            let (inner, faults) = (memory(), Arc::new(Faults::at(number, when)));
            let driver = Faults::around(inner.clone(), &faults);
            assert_eq!(three(&driver).await, answers, "{number} {when:?}");
            assert_eq!(there(&inner).await, files, "{number} {when:?}");
            assert_eq!(faults.calls(), 3);
            let failed = answers.iter().filter(|ok| !**ok).count();
            assert_eq!(faults.struck(), failed);
        }
    }

    #[tokio::test]
    async fn calls_to_readers_and_appenders_are_counted() {
        let faults = Arc::new(Faults::at(5, When::Before));
        let driver = Faults::around(memory(), &faults);
        let key = Key::parse("a").unwrap();
        let mut appender = driver.append(&key, AppendOptions::at(0)).await.unwrap();
        appender.write("content".into()).await.unwrap();
        appender.finish().await.unwrap();
        let reader = driver.open(&key).await.unwrap();
        let failed = reader.read_at(0, 9).await.unwrap_err();
        assert!(matches!(
            failed,
            DriverError::Other {
                operation: Operation::ReadAt,
                ..
            }
        ));
        assert_eq!(reader.read_at(0, 9).await.unwrap(), "content");
    }

    #[tokio::test]
    async fn the_error_is_the_one_that_was_asked_for() {
        let full = |operation| DriverError::NoSpace {
            operation,
            driver: "faulty",
            source: "full".into(),
        };
        let faults = Arc::new(Faults::with(1, When::Before, full));
        let driver = Faults::around(memory(), &faults);
        let failed = driver.create(&Key::parse("a").unwrap(), "").await;
        assert!(matches!(
            failed,
            Err(DriverError::NoSpace {
                operation: Operation::Put,
                ..
            })
        ));
    }
}
