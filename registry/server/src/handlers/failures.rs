//! What the domain reports, as what an operation declares.
//!
//! Each function is generic over the operation's error and says which codes it needs. Where the
//! descriptor does not declare one of them for the operation, the call does not compile. The storage's
//! own failures are logged here or by the runtime; no text of theirs reaches a client.

use std::io::ErrorKind;

use api_runtime::server::PreconditionFailed;
use api_runtime::{CollectError, NonEmpty, Source};
use registry_protocol::{
    BlobTooLargeFailure, BlobUnknown, BlobUploadUnknown, BrokenUploadFailure, Denied,
    DigestInvalid, ManifestBlobUnknown, ManifestInvalid, ManifestUnknown, NameUnknown,
    NoSpaceFailure, OutOfOrderFailure, SizeInvalid, Unavailable, UnavailableFailure, Unsupported,
    UploadId,
};
use registry_storage::error::{
    self, BlobDeleteError, BlobError, BlobWriteError, Fault, FaultKind, ManifestDeleteError,
    ManifestError, ManifestPutError, Refusal, RefusalKind, RepositoryError, RepositoryUnknown,
    UploadError, UploadFinishError, UploadResumeError, UploadSeekError, UploadWriteError,
};

/// Any operation: the storage may fail.
pub(super) trait Faulty: From<UnavailableFailure> + From<Source> {}
impl<E: From<UnavailableFailure> + From<Source>> Faulty for E {}

/// An operation that writes: the storage may also be full.
pub(super) trait Writing: Faulty + From<NoSpaceFailure> {}
impl<E: Faulty + From<NoSpaceFailure>> Writing for E {}

/// An operation that the registry may have turned off.
pub(super) trait Refusable: From<Unsupported> + From<Denied> {}
impl<E: From<Unsupported> + From<Denied>> Refusable for E {}

/// An operation on an upload that exists.
pub(super) trait OfUpload: From<BlobUploadUnknown> + From<BrokenUploadFailure> {}
impl<E: From<BlobUploadUnknown> + From<BrokenUploadFailure>> OfUpload for E {}

/// An operation that takes the bytes of a blob.
pub(super) trait Receiving: Writing + From<SizeInvalid> + From<BlobTooLargeFailure> {}
impl<E: Writing + From<SizeInvalid> + From<BlobTooLargeFailure>> Receiving for E {}

/// An operation that takes bytes in their order.
pub(super) trait Append: Receiving + From<OutOfOrderFailure> {}
impl<E: Receiving + From<OutOfOrderFailure>> Append for E {}

/// A read that the storage could not do.
pub(super) fn fault<E: Faulty>(fault: Fault) -> E {
    match fault.kind() {
        FaultKind::Full | FaultKind::Unavailable | FaultKind::Foreign => {
            log(fault);
            UnavailableFailure::new(Unavailable).into()
        }
        FaultKind::Damaged | FaultKind::Other => Source::new(fault).into(),
    }
}

/// Content that could not be read whole.
pub(super) fn content<E: Faulty>(error: CollectError) -> E {
    match error {
        CollectError::Io(error) => fault(Fault::of_content(error)),
        CollectError::TooLarge { .. } => Source::new(error).into(),
    }
}

/// A write that the storage could not do.
pub(super) fn write_fault<E: Writing>(error: Fault) -> E {
    if error.kind() == FaultKind::Full {
        log(error);
        return NoSpaceFailure::new(Unavailable).into();
    }
    fault(error)
}

/// What is answered by a code of its own is logged here, the rest by the runtime.
fn log(fault: Fault) {
    tracing::error!(error = %Source::new(fault), "the storage failed");
}

fn refusal<E: Refusable>(refusal: Refusal) -> E {
    match refusal.kind {
        RefusalKind::Unsupported => Unsupported {
            parameter: None,
            reason: Some(refusal.reason),
        }
        .into(),
        RefusalKind::Denied => Denied.into(),
    }
}

pub(super) fn unknown_name<E: From<NameUnknown>>(error: RepositoryUnknown) -> E {
    NameUnknown { name: error.name }.into()
}

pub(super) fn repository<E: Faulty + From<NameUnknown>>(error: RepositoryError) -> E {
    match error {
        RepositoryError::Unknown(error) => unknown_name(error),
        RepositoryError::Fault(error) => fault(error),
    }
}

fn unknown_manifest<E: From<ManifestUnknown>>(error: error::ManifestUnknown) -> E {
    ManifestUnknown {
        reference: error.reference,
    }
    .into()
}

pub(super) fn manifest<E>(error: ManifestError) -> E
where
    E: Faulty + From<NameUnknown> + From<ManifestUnknown>,
{
    match error {
        ManifestError::RepositoryUnknown(error) => unknown_name(error),
        ManifestError::Unknown(error) => unknown_manifest(error),
        ManifestError::Fault(error) => fault(error),
    }
}

pub(super) fn manifest_delete<E>(error: ManifestDeleteError) -> E
where
    E: Faulty + Refusable + From<NameUnknown> + From<ManifestUnknown> + From<PreconditionFailed>,
{
    match error {
        ManifestDeleteError::Condition(_) => PreconditionFailed.into(),
        ManifestDeleteError::RepositoryUnknown(error) => unknown_name(error),
        ManifestDeleteError::Unknown(error) => unknown_manifest(error),
        ManifestDeleteError::Refused(error) => refusal(error),
        ManifestDeleteError::Fault(error) => fault(error),
    }
}

pub(super) fn manifest_put<E>(error: ManifestPutError) -> E
where
    E: Writing
        + Refusable
        + From<ManifestInvalid>
        + From<DigestInvalid>
        + From<PreconditionFailed>
        + From<NonEmpty<ManifestBlobUnknown>>,
{
    match error {
        ManifestPutError::Condition(_) => PreconditionFailed.into(),
        ManifestPutError::Invalid(error) => ManifestInvalid {
            parameter: None,
            reason: Some(error.problems.join("; ")),
        }
        .into(),
        ManifestPutError::Digest(error) => mismatch(error),
        ManifestPutError::Unverified(error) => unverified(error),
        ManifestPutError::Refused(error) => refusal(error),
        ManifestPutError::Fault(error) => write_fault(error),
    }
}

/// An entry for each reference that is missing.
fn unverified<E>(error: error::ManifestUnverified) -> E
where
    E: From<NonEmpty<ManifestBlobUnknown>> + From<Source>,
{
    let missing = error.missing.iter().cloned();
    let missing: Vec<_> = missing
        .map(|digest| ManifestBlobUnknown { digest })
        .collect();
    match NonEmpty::try_from(missing) {
        Ok(missing) => missing.into(),
        Err(_) => Source::new(error).into(),
    }
}

fn mismatch<E: From<DigestInvalid>>(error: error::DigestMismatch) -> E {
    DigestInvalid {
        parameter: None,
        reason: Some("it is not the digest of the content".to_owned()),
        digest: Some(error.actual),
    }
    .into()
}

fn unknown_blob<E: From<BlobUnknown>>(error: error::BlobUnknown) -> E {
    BlobUnknown {
        digest: error.digest,
    }
    .into()
}

pub(super) fn blob<E: Faulty + From<NameUnknown> + From<BlobUnknown>>(error: BlobError) -> E {
    match error {
        BlobError::RepositoryUnknown(error) => unknown_name(error),
        BlobError::Unknown(error) => unknown_blob(error),
        BlobError::Fault(error) => fault(error),
    }
}

pub(super) fn blob_delete<E>(error: BlobDeleteError) -> E
where
    E: Faulty + Refusable + From<NameUnknown> + From<BlobUnknown>,
{
    match error {
        BlobDeleteError::RepositoryUnknown(error) => unknown_name(error),
        BlobDeleteError::Unknown(error) => unknown_blob(error),
        BlobDeleteError::Refused(error) => refusal(error),
        BlobDeleteError::Fault(error) => fault(error),
    }
}

pub(super) fn blob_write<E: Writing + Refusable>(error: BlobWriteError) -> E {
    match error {
        BlobWriteError::Refused(error) => refusal(error),
        BlobWriteError::Fault(error) => write_fault(error),
    }
}

fn damaged<E: From<BrokenUploadFailure>>(error: &error::UploadDamaged) -> E {
    tracing::error!(upload = %error.id, reason = error.reason, "an upload is damaged");
    BrokenUploadFailure::new(registry_protocol::BlobUploadInvalid::default()).into()
}

pub(super) fn upload<E: Faulty + OfUpload>(error: UploadError) -> E {
    match error {
        UploadError::Unknown(_) => BlobUploadUnknown.into(),
        UploadError::Damaged(error) => damaged(&error),
        UploadError::Fault(error) => fault(error),
    }
}

pub(super) fn upload_resume<E: Faulty + Refusable + OfUpload>(error: UploadResumeError) -> E {
    match error {
        UploadResumeError::Unknown(_) => BlobUploadUnknown.into(),
        UploadResumeError::Damaged(error) => damaged(&error),
        UploadResumeError::Refused(error) => refusal(error),
        UploadResumeError::Fault(error) => fault(error),
    }
}

pub(super) fn upload_seek<E: Faulty + From<OutOfOrderFailure>>(
    error: UploadSeekError,
    out_of_order: impl FnOnce(u64) -> OutOfOrderFailure,
) -> E {
    match error {
        UploadSeekError::OutOfOrder { size } => out_of_order(size).into(),
        UploadSeekError::Fault(error) => fault(error),
    }
}

pub(super) fn upload_write<E: Receiving>(error: UploadWriteError) -> E {
    match error {
        UploadWriteError::Length { .. } => SizeInvalid::default().into(),
        UploadWriteError::TooLarge { .. } => {
            BlobTooLargeFailure::new(SizeInvalid::default()).into()
        }
        UploadWriteError::Body(error) if error.kind() == ErrorKind::UnexpectedEof => {
            SizeInvalid::default().into()
        }
        // What else is wrong with the body of its request the runtime knows, and answers.
        UploadWriteError::Body(error) => Source::new(error).into(),
        UploadWriteError::Fault(error) => write_fault(error),
    }
}

/// The same of an upload that was there before, whose bytes may have gone meanwhile.
pub(super) fn upload_append<E: Receiving + OfUpload>(id: &UploadId, error: UploadWriteError) -> E {
    match error {
        UploadWriteError::Fault(fault) if fault.kind() == FaultKind::Damaged => {
            log(fault);
            let reason = "it does not hold what was acknowledged";
            let id = id.clone();
            damaged(&error::UploadDamaged { id, reason })
        }
        error => upload_write(error),
    }
}

pub(super) fn upload_finish<E>(error: UploadFinishError) -> E
where
    E: Writing + From<DigestInvalid> + From<BrokenUploadFailure>,
{
    match error {
        UploadFinishError::Damaged(error) => damaged(&error),
        error => fresh_upload_finish(error),
    }
}

/// An upload that began with this very request cannot be damaged by anything that a client may know.
pub(super) fn fresh_upload_finish<E>(error: UploadFinishError) -> E
where
    E: Writing + From<DigestInvalid>,
{
    match error {
        UploadFinishError::Digest(error) => mismatch(error),
        UploadFinishError::Damaged(error) => Source::new(error).into(),
        UploadFinishError::Fault(error) => write_fault(error),
    }
}
