//! Uploads: bytes that become a blob.
//!
//! What counts is what the client was told. The *acknowledged* offset is what some answer said; bytes
//! beyond it, from a request that broke off, are *received*: asking for the status acknowledges them, and
//! writing without having asked begins at the acknowledged offset again. So a client may go on from the
//! status, or just repeat what failed; both end with the right bytes.

use std::fmt;

use jiff::Timestamp;
use registry_protocol::{Digest, UploadId};

use super::{Answer, ByteStream, Descriptor};
use crate::error::{Fault, UploadError, UploadFinishError, UploadSeekError, UploadWriteError};

/// An upload in the hands of its one writer. Dropping it lets go of the upload, and forgets what was
/// written since it was last saved.
pub trait BlobUpload: fmt::Debug + Send {
    /// Its name, unique in the repository to which it belongs.
    fn id(&self) -> &UploadId;

    /// When it was started.
    fn started_at(&self) -> Timestamp;

    /// Where the next bytes go: how many the upload holds.
    fn size(&self) -> u64;

    /// Says where the client believes that its bytes go. Only the acknowledged end of the upload and
    /// the end of what was received are possible.
    fn seek(&mut self, offset: u64) -> Answer<'_, (), UploadSeekError>;

    /// Appends bytes, as many as come, and gives the new size. After a failure of the body what came
    /// is kept; after any other nothing of it is.
    fn write(&mut self, chunk: Chunk) -> Answer<'_, u64, UploadWriteError>;

    /// Makes what was written durable and acknowledged, and lets go of the upload, which any process
    /// may then resume.
    fn suspend(self: Box<Self>) -> Answer<'static, UploadStatus, Fault>;

    /// Drops the upload and its bytes.
    fn cancel(self: Box<Self>) -> Answer<'static, (), UploadError>;

    /// Turns the bytes into a blob of the repository, if they have this digest; otherwise drops them.
    /// When it returns, the blob is durable.
    fn finish(self: Box<Self>, digest: Digest) -> Answer<'static, Descriptor, UploadFinishError>;
}

/// Bytes for an upload.
pub struct Chunk {
    /// The bytes.
    pub body: ByteStream,
    /// How many the client promised, where it did.
    pub length: Option<u64>,
}

impl Chunk {
    /// Bytes, of a promised number or not.
    pub fn new(body: ByteStream, length: Option<u64>) -> Self {
        Self { body, length }
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// How far an upload has come.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadStatus {
    /// Its name.
    pub id: UploadId,
    /// When it was started.
    pub started_at: Timestamp,
    /// How many bytes it holds, all of them durable.
    pub size: u64,
}

impl UploadStatus {
    /// Puts a status together.
    pub fn new(id: UploadId, started_at: Timestamp, size: u64) -> Self {
        Self {
            id,
            started_at,
            size,
        }
    }
}
