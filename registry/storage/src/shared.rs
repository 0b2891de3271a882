//! What all services of one registry share: the store, the options, clock and ids, the locks, the tasks.

use std::sync::Arc;

use registry_protocol::{Name, UploadId};

use crate::blob::Verified;
use crate::cache::Manifests;
use crate::clock::{Clock, Ids};
use crate::layout::Store;
use crate::locks::Locks;
use crate::options::Options;
use crate::tasks::Tasks;

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
    /// What is done to its end, whatever becomes of the request.
    pub(crate) tasks: Tasks,
}
