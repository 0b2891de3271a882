//! Revisions: the manifests that a repository has, by digest.

use std::sync::Arc;

use bytes::Bytes;
use registry_protocol::{Digest, MediaType, Name, Reference};
use serde_json::{Map, Value};

use super::media;
use crate::blob::{content, follow};
use crate::cache::Known;
use crate::domain::{Descriptor, Manifest, octet_stream};
use crate::driver::Change;
use crate::error::Fault;
use crate::layout::{Store, link_to, paths};
use crate::shared::Shared;
use crate::tag;

/// Longer than any media type.
const RECORD_LIMIT: u64 = 1024;

/// Whether the repository has the manifest.
pub(super) async fn exists(shared: &Shared, name: &Name, digest: &Digest) -> Result<bool, Fault> {
    Ok(find(shared, name, digest).await?.is_some())
}

/// The digest of the manifest to which a reference leads, if the repository has it.
pub(super) async fn leads_to(
    shared: &Shared,
    name: &Name,
    reference: &Reference,
) -> Result<Option<Digest>, Fault> {
    let digest = match reference {
        Reference::Digest(digest) => Some(digest.clone()),
        Reference::Tag(tag) => tag::current(&shared.store, name, tag).await?,
    };
    match digest {
        Some(digest) if exists(shared, name, &digest).await? => Ok(Some(digest)),
        _ => Ok(None),
    }
}

/// Where the content of a manifest lies, and how long it is, if the repository has it.
pub(super) async fn find(
    shared: &Shared,
    name: &Name,
    digest: &Digest,
) -> Result<Option<(Digest, u64)>, Fault> {
    let Some(target) = target(shared, name, digest).await? else {
        return Ok(None);
    };
    let size = content::size(&shared.store, &target).await?;
    Ok(size.map(|size| (target, size)))
}

/// A manifest, if the repository has it. Its bytes are checked against the digest when they are read from
/// the storage; whether the repository has it is read each time.
pub(super) async fn read(
    shared: &Shared,
    name: &Name,
    digest: &Digest,
) -> Result<Option<Manifest>, Fault> {
    let Some(target) = target(shared, name, digest).await? else {
        return Ok(None);
    };
    let known = match shared.manifests.get(&target) {
        Some(known) => Some(known),
        None => load(shared, &target).await?,
    };
    let Some(known) = known else {
        tracing::warn!(repository = %name, %digest, "a manifest is linked, its content is gone");
        return Ok(None);
    };
    let media_type = media_type(&shared.store, name, digest, &known).await?;
    let content = known.content.clone();
    let descriptor = Descriptor::new(media_type, digest.clone(), content.len() as u64);
    Ok(Some(Manifest::new(descriptor, content)))
}

async fn load(shared: &Shared, digest: &Digest) -> Result<Option<Arc<Known>>, Fault> {
    let limit = shared.options.manifest_limit as u64;
    let Some(content) = content::read(&shared.store, digest, limit).await? else {
        return Ok(None);
    };
    let document = document(&content);
    let inferred = media::inferred(&document);
    let known = Arc::new(Known {
        stated: media::stated(&document),
        inferred: inferred.and_then(|text| MediaType::parse(text).ok()),
        content,
    });
    shared.manifests.keep(digest.clone(), Arc::clone(&known));
    Ok(Some(known))
}

async fn target(shared: &Shared, name: &Name, digest: &Digest) -> Result<Option<Digest>, Fault> {
    follow(shared, &paths::revision_link(name, digest), digest).await
}

/// The media type with which a manifest was pushed: it says so itself, or there is a record, or it can
/// be told from its fields, which is all that distribution does.
async fn media_type(
    store: &Store,
    name: &Name,
    digest: &Digest,
    known: &Known,
) -> Result<MediaType, Fault> {
    if let Some(stated) = &known.stated {
        return Ok(stated.clone());
    }
    let recorded = read_record(store, name, digest).await?;
    let known = recorded.or_else(|| known.inferred.clone());
    Ok(known.unwrap_or_else(octet_stream))
}

/// The media type that the repository has for a manifest that does not state it, if it has the manifest.
pub(super) async fn recorded(
    store: &Store,
    name: &Name,
    digest: &Digest,
    inferred: Option<&MediaType>,
) -> Result<Option<MediaType>, Fault> {
    if !is_linked(store, name, digest).await? {
        return Ok(None);
    }
    let recorded = read_record(store, name, digest).await?;
    Ok(recorded.or_else(|| inferred.cloned()))
}

async fn read_record(
    store: &Store,
    name: &Name,
    digest: &Digest,
) -> Result<Option<MediaType>, Fault> {
    let record = paths::media_type_record(name, digest);
    let text = store.read(&record, RECORD_LIMIT).await?;
    let text = text
        .as_deref()
        .and_then(|text| std::str::from_utf8(text).ok());
    Ok(text.and_then(|text| MediaType::parse(text.trim()).ok()))
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
