//! An upload becomes a blob: bytes durable, digest checked, content in its place, then the link.
//!
//! The upload is removed last. Interrupted before, completing it is repeated: then the bytes are still
//! in the upload, or lie where the digest says and only the link is missing.

use registry_protocol::Digest;
use registry_protocol::digest::{Hasher, Kind};

use super::hash;
use super::session::Session;
use super::state::Place;
use crate::blob::{self, content};
use crate::domain::{Descriptor, octet_stream};
use crate::error::{DigestMismatch, Fault, FaultKind, UploadFinishError};
use crate::layout::paths;

/// Completes an upload.
pub(super) async fn finish(
    mut session: Session,
    digest: Digest,
) -> Result<Descriptor, UploadFinishError> {
    let size = session.size();
    if session.seal().await? {
        let actual = digest_of(&session.place, &session.hasher, &digest).await?;
        if actual != digest {
            remove(&session.place).await;
            let expected = digest;
            return Err(DigestMismatch { expected, actual }.into());
        }
        let (store, place) = (session.place.store(), &session.place);
        let data = paths::upload_data(&place.name, &place.id);
        content::adopt(store, &data, &digest, size).await?;
    } else {
        already_moved(&session.place, &session.hasher, &digest).await?;
    }
    let place = &session.place;
    blob::link(&place.shared, &place.name, &digest).await?;
    remove(place).await;
    Ok(Descriptor::new(octet_stream(), digest, size))
}

/// The digest of the upload, by the algorithm of the one that the client gave.
async fn digest_of(place: &Place, hasher: &Hasher, digest: &Digest) -> Result<Digest, Fault> {
    let kind = kind_of(digest)?;
    if kind == hasher.kind() {
        return Ok(hasher.digest());
    }
    let again = hash::again(place, kind, hasher.len()).await?;
    Ok(again.digest())
}

fn kind_of(digest: &Digest) -> Result<Kind, Fault> {
    digest
        .kind()
        .map_err(|error| Fault::new(FaultKind::Other, error))
}

/// The file is gone: is it because it already became this very blob?
async fn already_moved(
    place: &Place,
    hasher: &Hasher,
    digest: &Digest,
) -> Result<(), UploadFinishError> {
    let stored = content::size(place.store(), digest).await?;
    if hasher.digest() == *digest && stored == Some(hasher.len()) {
        return Ok(());
    }
    Err(place.damaged("its bytes are gone").into())
}

/// The upload is over, whatever became of it; what stays behind is swept up later.
async fn remove(place: &Place) {
    if let Err(fault) = place.drop_all().await {
        tracing::warn!(repository = %place.name, upload = %place.id, error = ?fault, "a completed upload stays");
    }
}
