//! Revisions: the manifests that a repository has, by digest.

use bytes::Bytes;
use registry_protocol::{Digest, MediaType, Name};
use serde_json::{Map, Value};

use super::media;
use crate::blob::{content, follow};
use crate::domain::{Descriptor, Manifest, octet_stream};
use crate::driver::Change;
use crate::error::Fault;
use crate::layout::{Store, link_to, paths};

/// Longer than any media type.
const RECORD_LIMIT: u64 = 1024;

/// Whether the repository has the manifest.
pub(super) async fn exists(store: &Store, name: &Name, digest: &Digest) -> Result<bool, Fault> {
    let Some(target) = target(store, name, digest).await? else {
        return Ok(false);
    };
    Ok(content::size(store, &target).await?.is_some())
}

/// A manifest, if the repository has it. Its bytes are checked against the digest.
pub(super) async fn read(
    store: &Store,
    name: &Name,
    digest: &Digest,
    limit: usize,
) -> Result<Option<Manifest>, Fault> {
    let Some(target) = target(store, name, digest).await? else {
        return Ok(None);
    };
    let Some(content) = content::read(store, &target, limit as u64).await? else {
        tracing::warn!(repository = %name, %digest, "a manifest is linked, its content is gone");
        return Ok(None);
    };
    let media_type = media_type(store, name, digest, &content).await?;
    let descriptor = Descriptor::new(media_type, digest.clone(), content.len() as u64);
    Ok(Some(Manifest::new(descriptor, content)))
}

async fn target(store: &Store, name: &Name, digest: &Digest) -> Result<Option<Digest>, Fault> {
    follow(store, &paths::revision_link(name, digest), digest).await
}

/// The media type with which a manifest was pushed: it says so itself, or there is a record, or it can
/// be told from its fields, which is all that distribution does.
async fn media_type(
    store: &Store,
    name: &Name,
    digest: &Digest,
    content: &[u8],
) -> Result<MediaType, Fault> {
    let document = document(content);
    if let Some(stated) = media::stated(&document) {
        return Ok(stated);
    }
    let record = paths::media_type_record(name, digest);
    let recorded = store.read(&record, RECORD_LIMIT).await?;
    let recorded = recorded
        .as_deref()
        .and_then(|text| std::str::from_utf8(text).ok());
    if let Some(recorded) = recorded.and_then(|text| MediaType::parse(text.trim()).ok()) {
        return Ok(recorded);
    }
    let inferred = media::inferred(&document).and_then(|text| MediaType::parse(text).ok());
    Ok(inferred.unwrap_or_else(octet_stream))
}

/// That a manifest, whose content is stored, is one of the repository.
pub(super) fn link(name: &Name, digest: &Digest) -> Change {
    link_to(paths::revision_link(name, digest), digest)
}

/// Whether the repository has a manifest of that digest, be its content there or not.
pub(super) async fn is_linked(store: &Store, name: &Name, digest: &Digest) -> Result<bool, Fault> {
    store.exists(&paths::revision_link(name, digest)).await
}

/// The record of the media type of a manifest that does not state it.
pub(super) fn record(name: &Name, digest: &Digest, media_type: &MediaType) -> Change {
    let text = Bytes::copy_from_slice(media_type.as_str().as_bytes());
    Change::Put(paths::media_type_record(name, digest), text)
}

/// Takes a manifest out of the repository. It is gone with its link; the rest is in nobody's way.
pub(super) async fn remove(store: &Store, name: &Name, digest: &Digest) -> Result<bool, Fault> {
    let existed = store.delete(&paths::revision_link(name, digest)).await?;
    for rest in [
        paths::revision(name, digest),
        paths::media_type(name, digest),
    ] {
        if let Err(fault) = store.discard(&rest).await {
            tracing::warn!(repository = %name, %digest, error = ?fault, "remains of a manifest stay");
        }
    }
    Ok(existed)
}

/// The fields of a stored manifest. It was checked when it was pushed, perhaps by another registry and
/// less strictly, so that here a document that cannot be read just has none.
pub(super) fn document(content: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(content).unwrap_or_default()
}
