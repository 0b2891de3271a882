//! A driver that remembers what it was asked to do, around any other; for tests of order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::observed::{Call, Observed, Observer};
use super::{DriverError, Operation, StorageDriver};

/// A driver that is recorded.
pub type Recorded = Observed<Recording>;

/// The calls that succeeded, in the order in which they ended.
#[derive(Debug, Default)]
pub struct Recording(Mutex<Vec<Call>>);

impl Recording {
    /// A driver whose calls are recorded here.
    pub fn around(inner: Arc<dyn StorageDriver>, recording: &Arc<Self>) -> Recorded {
        Observed::new(inner, recording.clone())
    }

    /// What is recorded so far.
    pub fn calls(&self) -> Vec<Call> {
        self.held().clone()
    }

    /// The calls that changed something.
    pub fn changes(&self) -> Vec<Call> {
        let mut calls = self.calls();
        calls.retain(|call| {
            !matches!(
                call.operation,
                Operation::Read
                    | Operation::Open
                    | Operation::ReadAt
                    | Operation::Stat
                    | Operation::List
                    | Operation::RedirectUrl
            )
        });
        calls
    }

    /// Forgets what is recorded.
    pub fn clear(&self) {
        self.held().clear();
    }

    fn held(&self) -> MutexGuard<'_, Vec<Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Recording {
    fn before(&self, _: &Call) -> Result<(), DriverError> {
        Ok(())
    }

    fn after(&self, call: &Call) -> Result<(), DriverError> {
        self.held().push(call.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Recording;
    use crate::driver::{
        AppendOptions, Key, Memory, RenameOptions, StorageDriver, StorageDriverExt as _,
    };

    #[tokio::test]
    async fn calls_are_recorded_in_order_and_failed_ones_are_not() {
        let recording = Arc::new(Recording::default());
        let memory = Arc::new(Memory::default());
        let driver = Recording::around(memory, &recording);
        let [a, b] = ["a", "b"].map(|text| Key::parse(text).unwrap());
        let mut appender = driver.append(&a, AppendOptions::at(0)).await.unwrap();
        appender.write("content".into()).await.unwrap();
        appender.finish().await.unwrap();
        driver
            .rename(&a, &b, RenameOptions::replace())
            .await
            .unwrap();
        driver.delete(&a).await.unwrap_err();
        driver.exists(&b).await.unwrap();
        driver.delete(&b).await.unwrap();
        let shown = |calls: Vec<super::Call>| {
            let shown = calls.into_iter().map(|call| {
                let to = call.to.map(|to| format!(" to {to}"));
                format!("{} {}{}", call.operation, call.key, to.unwrap_or_default())
            });
            shown.collect::<Vec<_>>().join(", ")
        };
        let expected = "append a, write a, sync a, rename a to b, delete b";
        assert_eq!(shown(recording.changes()), expected);
        assert_eq!(recording.calls().len(), 6);
        recording.clear();
        assert!(recording.calls().is_empty());
    }
}
