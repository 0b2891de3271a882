//! What a caller is told while something is going on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use registry_protocol::{Digest, Name};

/// Something happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Progress {
    /// A blob is being transferred, and this many of its bytes have been, counted from its beginning.
    /// After a cut the number may be lower than before.
    Moved {
        /// The blob.
        digest: Digest,
        /// Bytes so far.
        bytes: u64,
        /// Bytes in all, where that is known.
        total: Option<u64>,
    },
    /// A transfer was cut and goes on from here.
    Resumed {
        /// The blob.
        digest: Digest,
        /// Where it goes on, counted from 0.
        offset: u64,
    },
    /// The registry has the blob already; nothing was sent.
    Present {
        /// The blob.
        digest: Digest,
    },
    /// The registry took the blob from another of its repositories; nothing was sent.
    Mounted {
        /// The blob.
        digest: Digest,
        /// The repository.
        from: Name,
    },
    /// A blob or a manifest is where it was to go.
    Done {
        /// What is there.
        digest: Digest,
    },
    /// A request failed and is sent again.
    Retrying {
        /// How often it failed.
        failures: u32,
        /// In what time it is sent.
        after: Duration,
    },
}

type Tell = dyn Fn(&Progress) + Send + Sync;

/// Who is told, if anybody is.
#[derive(Clone, Default)]
pub(crate) struct Watch(Option<Arc<Tell>>);

impl Watch {
    pub(crate) fn new(tell: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    pub(crate) fn tell(&self, progress: &Progress) {
        if let Some(tell) = &self.0 {
            tell(progress);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Watch" } else { "nobody" })
    }
}
