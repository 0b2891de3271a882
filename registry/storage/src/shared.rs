//! What all services of one registry share: the store, the options, clock and ids, the locks.

use std::sync::Arc;

use registry_protocol::{Name, UploadId};
use tracing::Instrument;

use crate::blob::Verified;
use crate::cache::Manifests;
use crate::clock::{Clock, Ids};
use crate::error::{Fault, FaultKind};
use crate::layout::Store;
use crate::locks::Locks;
use crate::options::Options;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) options: Options,
    pub(crate) manifests: Manifests,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    /// Held together by those who add to a repository, alone by those who take away: a directory must
    /// not be removed while something is put into it, nor a manifest while it is tagged.
    pub(crate) repositories: Locks<Name>,
    /// Held alone by the one writer of an upload.
    pub(crate) uploads: Locks<(Name, UploadId)>,
    /// Which content need not be looked at again when it is read.
    pub(crate) verified: Arc<Verified>,
}

/// Does several steps in a task of their own: begun, they are done to the end, with the locks held that
/// moved into them, though the request that wanted them be dropped in the middle.
pub(crate) async fn to_the_end<T: Send + 'static>(
    steps: impl Future<Output = T> + Send + 'static,
) -> Result<T, Fault> {
    let task = tokio::spawn(steps.in_current_span());
    task.await
        .map_err(|error| Fault::new(FaultKind::Other, error))
}
