//! Work that outlives the request that wanted it: begun, it is done to the end.
//!
//! A task here holds the locks that moved into it. Hazard: when the runtime ends it ends all tasks, however far
//! they have come; whoever stops the registry first waits for those that are left.

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::error::{Fault, FaultKind};

/// The tasks that are running. Each one holds a receiver.
#[derive(Debug)]
pub(crate) struct Tasks(watch::Sender<()>);

impl Tasks {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    /// Begins work that nobody need wait for.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let running = self.0.subscribe();
        let task = async move {
            let done = work.await;
            drop(running);
            done
        };
        tokio::spawn(task.in_current_span())
    }

    /// Does several steps, all of them even where the request that wanted them is dropped in the middle.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        steps: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Fault> {
        let done = self.spawn(steps).await;
        done.map_err(|error| Fault::new(FaultKind::Other, error))
    }

    /// Waits until none is running.
    pub(crate) async fn ended(&self) {
        self.0.closed().await;
    }
}
