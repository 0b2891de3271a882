//! Blobs of a repository.

use std::fmt;
use std::ops::Range;

use jiff::Timestamp;
use registry_protocol::{Algorithm, Digest, Name, UploadId};

use super::{Answer, BlobUpload, ByteStream, Descriptor, UploadStatus};
use crate::driver::OpenFile;
use crate::error::{BlobDeleteError, BlobError, BlobWriteError, UploadError, UploadResumeError};

/// Up to so many bytes a blob is hashed each time it is read, and best read whole before it is answered: then
/// one that is damaged is a failure, and not an answer that breaks off.
pub const SMALL_BLOB: u64 = 64 * 1024;

/// The blobs of one repository, and the uploads that become blobs.
pub trait BlobService: fmt::Debug + Send + Sync {
    /// What is known of a blob without opening it.
    fn stat<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Descriptor, BlobError>;

    /// Opens a blob for reading.
    fn open<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Box<dyn Blob>, BlobError>;

    /// The blob itself, or a URL from which a client may fetch it with `GET`.
    fn serve<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Served, BlobError>;

    /// Takes a blob out of the repository. Its bytes stay for those that have it too.
    fn delete<'a>(&'a self, digest: &'a Digest) -> Answer<'a, (), BlobDeleteError>;

    /// Takes a blob over from another repository; none where that one does not have it. That the
    /// caller may read `from` was checked before.
    fn mount<'a>(
        &'a self,
        from: &'a Name,
        digest: &'a Digest,
    ) -> Answer<'a, Option<Descriptor>, BlobWriteError>;

    /// Starts an upload.
    fn start(&self, options: UploadOptions) -> Answer<'_, Box<dyn BlobUpload>, BlobWriteError>;

    /// Goes on with an upload. There is one writer of an upload at a time: another one waits, for a while.
    fn resume<'a>(&'a self, id: &'a UploadId)
    -> Answer<'a, Box<dyn BlobUpload>, UploadResumeError>;

    /// How far an upload has come. What it answers is from then on acknowledged.
    fn status<'a>(&'a self, id: &'a UploadId) -> Answer<'a, UploadStatus, UploadError>;

    /// Drops an upload and its bytes.
    fn cancel<'a>(&'a self, id: &'a UploadId) -> Answer<'a, (), UploadError>;
}

/// An open blob. What happens to it in the repository later is not seen by who reads it.
pub trait Blob: fmt::Debug + Send + Sync {
    /// What it is.
    fn descriptor(&self) -> &Descriptor;

    /// When it was stored, where that is known.
    fn created_at(&self) -> Option<Timestamp>;

    /// Its bytes from one position up to another, both within the blob. Each call reads for itself, so
    /// to seek is to read from elsewhere.
    fn read(&self, range: Range<u64>) -> ByteStream;

    /// The file of the operating system that has those bytes at the same positions, where there is one
    /// and they need not be looked at on the way.
    fn file(&self, range: &Range<u64>) -> Option<OpenFile> {
        let _ = range;
        None
    }

    /// Its digest.
    fn digest(&self) -> &Digest {
        &self.descriptor().digest
    }

    /// Its length in bytes.
    fn length(&self) -> u64 {
        self.descriptor().size
    }
}

/// How a blob is handed out.
#[derive(Debug)]
pub enum Served {
    /// Here it is.
    Content(Box<dyn Blob>),
    /// It is fetched from this URL.
    Redirect(String),
}

/// How an upload is started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadOptions {
    /// The algorithm of the digest that will close it, where the client says so: a hint.
    pub algorithm: Option<Algorithm>,
}

impl UploadOptions {
    /// An upload whose algorithm is known, or is not.
    pub fn new(algorithm: Option<Algorithm>) -> Self {
        Self { algorithm }
    }
}
