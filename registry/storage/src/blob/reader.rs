//! An open blob.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use futures_util::StreamExt;
use jiff::Timestamp;

use crate::domain::{Blob, ByteStream, Descriptor};
use crate::driver::Reader;

/// A blob that the driver has open.
pub(super) struct StoredBlob {
    descriptor: Descriptor,
    reader: Arc<dyn Reader>,
}

impl StoredBlob {
    /// The descriptor's size is that of the file.
    pub(super) fn new(descriptor: Descriptor, reader: Arc<dyn Reader>) -> Self {
        Self { descriptor, reader }
    }
}

impl fmt::Debug for StoredBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoredBlob").field(&self.descriptor).finish()
    }
}

impl Blob for StoredBlob {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn created_at(&self) -> Option<Timestamp> {
        let modified = self.reader.modified()?;
        Timestamp::try_from(modified).ok()
    }

    fn read(&self, range: Range<u64>) -> ByteStream {
        let stream = Arc::clone(&self.reader).stream(range);
        stream.map(|bytes| bytes.map_err(io::Error::from)).boxed()
    }
}
