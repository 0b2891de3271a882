//! What may go wrong, by what a caller answers.
//!
//! Each service has an enum per kind of operation, with just the failures that this kind can have, so
//! that a handler maps all of them and no others. Two things recur: a `Fault` is the storage's own
//! failure and never means that something is not there; a `Refusal` is the registry's policy.

use std::error::Error;
use std::fmt;
use std::io;

use registry_protocol::{Digest, Name, Reference, UploadId};

use crate::driver::DriverError;

/// The cause of a fault.
pub type Cause = Box<dyn Error + Send + Sync + 'static>;

/// What kind of failure the storage has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// There is no space left.
    Full,
    /// It cannot do this now, and may do it later.
    Unavailable,
    /// What it holds is not what was put there.
    Damaged,
    /// Something stands in the way that a registry never makes, as a symbolic link.
    Foreign,
    /// Anything else.
    Other,
}

/// The storage failed. The texts are for the log, never for a client.
#[derive(Debug)]
pub struct Fault {
    kind: FaultKind,
    cause: Cause,
}

impl Fault {
    /// A fault of a kind, and why.
    pub fn new(kind: FaultKind, cause: impl Into<Cause>) -> Self {
        Self {
            kind,
            cause: cause.into(),
        }
    }

    /// What is stored is not what it should be.
    pub fn damaged(what: impl fmt::Display) -> Self {
        Self::new(FaultKind::Damaged, what.to_string())
    }

    /// Why a stream of content broke off: the driver's reason, or that the content is not what it should be.
    pub fn of_content(error: io::Error) -> Self {
        match error.downcast::<DriverError>() {
            Ok(error) => error.into(),
            Err(error) => Self::new(FaultKind::Damaged, error),
        }
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            FaultKind::Full => "the storage is full",
            FaultKind::Unavailable => "the storage is not available",
            FaultKind::Damaged => "the storage is damaged",
            FaultKind::Foreign => "the storage holds what is not followed",
            FaultKind::Other => "the storage failed",
        })
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}

impl From<DriverError> for Fault {
    fn from(error: DriverError) -> Self {
        let kind = match &error {
            DriverError::NoSpace { .. } => FaultKind::Full,
            DriverError::Foreign { .. } => FaultKind::Foreign,
            DriverError::InvalidOffset { .. } | DriverError::TooLarge { .. } => FaultKind::Damaged,
            // Whether it passes or somebody has to repair it: the same request may succeed later.
            DriverError::ReadOnly { .. }
            | DriverError::TooManyFiles { .. }
            | DriverError::Busy { .. }
            | DriverError::Other { .. } => FaultKind::Unavailable,
            // An answer that no caller expects.
            DriverError::NotFound { .. }
            | DriverError::AlreadyExists { .. }
            | DriverError::NotSupported { .. } => FaultKind::Other,
        };
        Self::new(kind, error)
    }
}

/// The registry does not do this, by its configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused: {reason}")]
pub struct Refusal {
    /// How to say no.
    pub kind: RefusalKind,
    /// Why, in words for the client.
    pub reason: String,
}

/// How the registry says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// It does not do such things at all.
    Unsupported,
    /// It does, but not this one.
    Denied,
}

impl Refusal {
    /// An operation that is turned off.
    pub fn unsupported(reason: impl Into<String>) -> Self {
        Self {
            kind: RefusalKind::Unsupported,
            reason: reason.into(),
        }
    }

    /// An operation that a policy forbids.
    pub fn denied(reason: impl Into<String>) -> Self {
        Self {
            kind: RefusalKind::Denied,
            reason: reason.into(),
        }
    }
}

/// There is no such repository, or it is outside the scope of the namespace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown repository {name}")]
pub struct RepositoryUnknown {
    /// What was asked for.
    pub name: Name,
}

/// The repository has no such manifest, or no such tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown manifest {}", reference.as_str())]
pub struct ManifestUnknown {
    /// What was asked for.
    pub reference: Reference,
}

/// The repository has no such blob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown blob {digest}")]
pub struct BlobUnknown {
    /// What was asked for.
    pub digest: Digest,
}

/// The upload was never started, or is completed, cancelled or expired.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown upload {id}")]
pub struct UploadUnknown {
    /// What was asked for.
    pub id: UploadId,
}

/// The upload is there, but its record or its bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("damaged upload {id}: {reason}")]
pub struct UploadDamaged {
    /// Which upload.
    pub id: UploadId,
    /// What is wrong with it; for the log.
    pub reason: &'static str,
}

/// Content has another digest than the one given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the digest of the content is {actual}, not {expected}")]
pub struct DigestMismatch {
    /// The digest that the client gave.
    pub expected: Digest,
    /// The digest that the content has, of the same algorithm.
    pub actual: Digest,
}

/// A document is no manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid manifest: {}", problems.join("; "))]
pub struct ManifestInvalid {
    /// Everything that is wrong with it, in words for the client; never empty.
    pub problems: Vec<String>,
}

impl ManifestInvalid {
    /// One problem.
    pub fn because(problem: impl Into<String>) -> Self {
        Self {
            problems: vec![problem.into()],
        }
    }
}

/// A manifest refers to what the repository does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} references of the manifest are missing", missing.len())]
pub struct ManifestUnverified {
    /// Everything that is missing, once each, in the order of the manifest; never empty.
    pub missing: Vec<Digest>,
}

/// A reference does not lead to what a change was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is there is not what was expected")]
pub struct ConditionFailed;

/// Failures of what concerns a repository as a whole.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is described by what it holds")]
pub enum RepositoryError {
    #[error(transparent)]
    Unknown(#[from] RepositoryUnknown),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Failures of reading a manifest.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is described by what it holds")]
pub enum ManifestError {
    #[error(transparent)]
    RepositoryUnknown(#[from] RepositoryUnknown),
    #[error(transparent)]
    Unknown(#[from] ManifestUnknown),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Failures of storing a manifest.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is described by what it holds")]
pub enum ManifestPutError {
    #[error(transparent)]
    Invalid(#[from] ManifestInvalid),
    #[error(transparent)]
    Digest(#[from] DigestMismatch),
    #[error(transparent)]
    Unverified(#[from] ManifestUnverified),
    #[error(transparent)]
    Condition(#[from] ConditionFailed),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Failures of deleting a manifest or a tag.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is described by what it holds")]
pub enum ManifestDeleteError {
    #[error(transparent)]
    Condition(#[from] ConditionFailed),
    #[error(transparent)]
    RepositoryUnknown(#[from] RepositoryUnknown),
    #[error(transparent)]
    Unknown(#[from] ManifestUnknown),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Failures of reading a blob.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is described by what it holds")]
pub enum BlobError {
    #[error(transparent)]
    RepositoryUnknown(#[from] RepositoryUnknown),
    #[error(transparent)]
    Unknown(#[from] BlobUnknown),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Failures of taking a blob out of a repository.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is described by what it holds")]
pub enum BlobDeleteError {
    #[error(transparent)]
    RepositoryUnknown(#[from] RepositoryUnknown),
    #[error(transparent)]
    Unknown(#[from] BlobUnknown),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Failures of mounting a blob and of starting an upload.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is described by what it holds")]
pub enum BlobWriteError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Failures of looking at an upload and of cancelling it.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is described by what it holds")]
pub enum UploadError {
    #[error(transparent)]
    Unknown(#[from] UploadUnknown),
    #[error(transparent)]
    Damaged(#[from] UploadDamaged),
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Failures of going on with an upload.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is described by what it holds")]
pub enum UploadResumeError {
    #[error(transparent)]
    Unknown(#[from] UploadUnknown),
    #[error(transparent)]
    Damaged(#[from] UploadDamaged),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<UploadError> for UploadResumeError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Unknown(error) => error.into(),
            UploadError::Damaged(error) => error.into(),
            UploadError::Fault(fault) => fault.into(),
        }
    }
}

/// Failures of choosing where an upload goes on.
#[derive(Debug, thiserror::Error)]
pub enum UploadSeekError {
    /// The upload does not end there. This is how many bytes it holds, and where to go on.
    #[error("the upload goes on at {size}")]
    OutOfOrder {
        /// Bytes that the upload holds.
        size: u64,
    },
    /// The storage failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Failures of appending to an upload.
#[derive(Debug, thiserror::Error)]
pub enum UploadWriteError {
    /// More or fewer bytes came than were promised. None of them was kept.
    #[error("{actual} bytes or more came where {expected} were promised")]
    Length {
        /// The promise.
        expected: u64,
        /// How many came before that was noticed.
        actual: u64,
    },
    /// The blob is larger than the registry takes. None of the bytes was kept.
    #[error("the blob is larger than {limit} bytes")]
    TooLarge {
        /// The bound.
        limit: u64,
    },
    /// The client's bytes broke off. Those that came are kept; the status of the upload counts them.
    #[error("the content broke off")]
    Body(#[source] io::Error),
    /// The storage failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Failures of completing an upload.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant is described by what it holds")]
pub enum UploadFinishError {
    #[error(transparent)]
    Digest(#[from] DigestMismatch),
    #[error(transparent)]
    Damaged(#[from] UploadDamaged),
    #[error(transparent)]
    Fault(#[from] Fault),
}
