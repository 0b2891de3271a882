//! An upload becomes a blob: digest checked, content durable and in its place, then the link.
//!
//! The upload is removed last. Interrupted before, completing it is repeated: then the bytes are still
//! in the upload, or lie where the digest says and only the link is missing.

use registry_protocol::Digest;
use registry_protocol::digest::Hasher;

use super::hash;
use super::session::{Sealed, Session};
use super::state::Place;
use crate::blob::{self, content};
use crate::domain::{Descriptor, SMALL_BLOB, octet_stream};
use crate::driver::Change;
use crate::error::{DigestMismatch, Fault, FaultKind, UploadFinishError};
use crate::layout::paths;

/// Completes an upload.
pub(super) async fn finish(
    mut session: Session,
    digest: Digest,
) -> Result<Descriptor, UploadFinishError> {
    let sealed = session.seal().await?;
    let place = &session.place;
    let content = match content(place, &session.hasher(), sealed, &digest).await {
        Err(error @ UploadFinishError::Digest(_)) => {
            place.discard().await;
            return Err(error);
        }
        content => content?,
    };
    // What is small is hashed whenever it is read.
    let is_remembered = matches!(content, Change::Rename(..)) && session.size() > SMALL_BLOB;
    let link = blob::link(&place.name, &digest);
    let adding = place.shared.repositories.shared(&place.name).await;
    let stages = vec![vec![content], vec![link], place.over()];
    place.store().publish(stages).await?;
    drop(adding);
    if is_remembered {
        // The file is what was hashed. If it cannot be opened, it is hashed when it is read.
        blob::remember(&place.shared, &digest).await;
    }
    Ok(Descriptor::new(octet_stream(), digest, session.size()))
}

/// That the bytes of the upload, if they have the digest, are its content. The hash is that of its file.
async fn content(
    place: &Place,
    hasher: &Hasher,
    sealed: Sealed,
    digest: &Digest,
) -> Result<Change, UploadFinishError> {
    let kind = digest.kind();
    let kind = kind.map_err(|error| Fault::new(FaultKind::Other, error))?;
    let (length, known) = (hasher.len(), kind == hasher.kind());
    let actual = match &sealed {
        Sealed::Gone => return already_moved(place, hasher, digest).await,
        Sealed::InMemory(bytes) => Digest::of(kind, bytes),
        Sealed::InFile if known => hasher.digest(),
        Sealed::InFile => hash::again(place, kind, length).await?.digest(),
    };
    if actual != *digest {
        let expected = digest.clone();
        return Err(DigestMismatch { expected, actual }.into());
    }
    if let Sealed::InMemory(bytes) = sealed {
        return Ok(content::small(digest, bytes));
    }
    let data = paths::upload_data(&place.name, &place.id);
    Ok(content::adopted(&place.shared, data, digest, length).await?)
}

/// The file is gone: is it because it already became this very blob?
async fn already_moved(
    place: &Place,
    hasher: &Hasher,
    digest: &Digest,
) -> Result<Change, UploadFinishError> {
    let stored = content::size(place.store(), digest).await?;
    if hasher.digest() == *digest && stored == Some(hasher.len()) {
        return Ok(Change::Keep(paths::blob_data(digest)));
    }
    Err(place.damaged("its bytes are gone").into())
}
