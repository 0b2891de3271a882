//! An open blob.
//!
//! Whoever reads it whole never gets wrong bytes to the end. Of a part that cannot be said, as a digest is
//! of the whole. The whole is looked at first where that is quick; otherwise the part is handed out as it
//! is, because clients that read large blobs in parts put them together and look at the whole themselves.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use futures_util::{StreamExt, TryFutureExt, TryStreamExt};
use jiff::Timestamp;
use registry_protocol::Digest;

use super::verified::Verified;
use crate::domain::{Blob, ByteStream, Descriptor, SMALL_BLOB};
use crate::driver::{OpenFile, Reader};

/// Up to this length a blob is hashed before a part of it is handed out.
const CHECKED_FIRST: u64 = 64 * 1024 * 1024;

/// A blob that the driver has open.
pub(super) struct StoredBlob {
    descriptor: Descriptor,
    /// The digest of what the file should hold, which may be of another algorithm.
    content: Digest,
    reader: Arc<dyn Reader>,
    verified: Arc<Verified>,
}

impl StoredBlob {
    /// The descriptor's size is that of the file.
    pub(super) fn new(
        descriptor: Descriptor,
        content: Digest,
        reader: Arc<dyn Reader>,
        verified: Arc<Verified>,
    ) -> Self {
        Self {
            descriptor,
            content,
            reader,
            verified,
        }
    }

    fn is_part(&self, range: &Range<u64>) -> bool {
        *range != (0..self.length())
    }

    /// Whether the bytes of `range` may be handed out without a look at them.
    fn needs_no_check(&self, range: &Range<u64>) -> bool {
        if self.content.kind().is_err() {
            // The hash of another registry, which is not computed here.
            return true;
        }
        match self.reader.as_file() {
            _ if self.length() <= SMALL_BLOB => false,
            Some(file) if self.verified.knows(&self.content, &file) => true,
            Some(_) => self.is_part(range) && self.length() > CHECKED_FIRST,
            // What is far away is not fetched whole for a part of it.
            None => self.is_part(range),
        }
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
        let reader = Arc::clone(&self.reader);
        if self.needs_no_check(&range) {
            return part(reader, range);
        }
        let checking = Arc::clone(&self.verified).check(&self.content, Arc::clone(&reader));
        if !self.is_part(&range) {
            return checking;
        }
        let checked = checking.try_for_each(|_| std::future::ready(Ok(())));
        let reading = async move {
            checked.await?;
            Ok(part(reader, range))
        };
        reading.try_flatten_stream().boxed()
    }

    fn file(&self, range: &Range<u64>) -> Option<OpenFile> {
        self.reader.as_file().filter(|_| self.needs_no_check(range))
    }
}

fn part(reader: Arc<dyn Reader>, range: Range<u64>) -> ByteStream {
    reader.stream(range).map_err(io::Error::from).boxed()
}
