//! Manifests: what is stored comes back as the very bytes, what is refused leaves nothing behind.

use std::sync::Arc;

use bytes::Bytes;
use registry_protocol::{Digest, MediaType, Name, Reference, Tag};
use registry_storage::domain::{
    Chunk, ManifestService, Namespace as _, PageRequest, PutManifest, ReferrersRequest, Repository,
    StoredManifest, UploadOptions,
};
use registry_storage::driver::Memory;
use registry_storage::error::{ManifestError, ManifestPutError};
use registry_storage::{Local, Options};
use serde_json::Value;

use crate::{block_on, first_line};

/// A blob that is there, for manifests to refer to.
pub(crate) const BLOB: &[u8] = b"{}";

/// The first line is a Content-Type, or none where it is not one; the rest is pushed as a manifest.
pub fn manifest(bytes: &[u8]) {
    let (line, content) = first_line(bytes);
    let declared = MediaType::parse(&line).ok();
    for sparse in [false, true] {
        block_on(push(declared.clone(), content, sparse));
    }
}

async fn push(declared: Option<MediaType>, content: &[u8], sparse: bool) {
    let mut options = Options::default();
    options.delete = true;
    options.sparse_indexes = sparse;
    let memory = Arc::new(Memory::default());
    let local = Local::new(memory, options);
    let repository = local.repository(&name()).expect("all names are served");
    push_blob(&*repository).await;
    let manifests = repository.manifests();
    let content = Bytes::copy_from_slice(content);
    let asked = PutManifest::new(Reference::Tag(tag()), declared.clone(), content.clone());
    match manifests.put(asked).await {
        Ok(stored) => {
            assert_eq!(stored.tags, [tag()]);
            let media_type = &stored.descriptor.media_type;
            assert!(declared.is_none_or(|declared| declared == *media_type));
            read_back(&*manifests, &stored, &content).await;
            delete(&*manifests, &stored).await;
        }
        Err(error) => {
            refused(error);
            let found = manifests.get_by_tag(&tag()).await;
            assert!(matches!(found, Err(ManifestError::Unknown(_))), "{found:?}");
        }
    }
}

fn refused(error: ManifestPutError) {
    match error {
        ManifestPutError::Invalid(invalid) => assert!(!invalid.problems.is_empty()),
        ManifestPutError::Unverified(unverified) => assert!(!unverified.missing.is_empty()),
        ManifestPutError::Digest(error) => panic!("it was pushed by tag: {error}"),
        ManifestPutError::Condition(error) => panic!("there was no condition: {error}"),
        ManifestPutError::Refused(refusal) => assert!(!refusal.reason.is_empty()),
        ManifestPutError::Fault(fault) => panic!("{fault:?}"),
    }
}

async fn read_back(manifests: &dyn ManifestService, stored: &StoredManifest, content: &Bytes) {
    let digest = &stored.descriptor.digest;
    assert_eq!(*digest, Digest::sha256(content));
    assert_eq!(stored.descriptor.size, content.len() as u64);
    let document: Value = serde_json::from_slice(content).expect("a manifest is JSON");
    let stated = document.get("mediaType").and_then(Value::as_str);
    let media_type = stored.descriptor.media_type.as_str();
    assert!(stated.is_none_or(|stated| stated == media_type));
    for reference in [Reference::Tag(tag()), Reference::Digest(digest.clone())] {
        let found = manifests.get_by_reference(&reference).await;
        let found = found.expect("what was stored is there");
        assert_eq!(found.content, content);
        assert_eq!(found.descriptor.media_type, stored.descriptor.media_type);
    }
    if let Some(subject) = &stored.subject {
        let asked = ReferrersRequest::new(subject.clone(), PageRequest::first(10));
        let page = manifests.referrers(asked).await;
        let page = page.expect("referrers are listed");
        let digests: Vec<&Digest> = page.items.iter().map(|item| &item.digest).collect();
        assert_eq!(digests, [digest]);
    }
}

async fn delete(manifests: &dyn ManifestService, stored: &StoredManifest) {
    let reference = Reference::Digest(stored.descriptor.digest.clone());
    let deleted = manifests.delete(&reference).await;
    deleted.expect("what is there can be deleted");
    for reference in [Reference::Tag(tag()), reference] {
        let found = manifests.get_by_reference(&reference).await;
        assert!(matches!(found, Err(ManifestError::Unknown(_))), "{found:?}");
    }
}

pub(crate) fn name() -> Name {
    Name::parse("team/app").expect("it is a name")
}

pub(crate) fn tag() -> Tag {
    Tag::parse("latest").expect("it is a tag")
}

/// Stores `BLOB`.
pub(crate) async fn push_blob(repository: &dyn Repository) {
    let started = repository.blobs().start(UploadOptions::default()).await;
    let mut upload = started.expect("an upload can be started");
    let written = upload.write(chunk(BLOB)).await;
    written.expect("bytes can be written");
    let finished = upload.finish(Digest::sha256(BLOB)).await;
    finished.expect("the digest is right");
}

/// Bytes in one piece.
pub(crate) fn chunk(bytes: &[u8]) -> Chunk {
    let bytes = Bytes::copy_from_slice(bytes);
    let body = futures_util::stream::once(async move { Ok(bytes) });
    Chunk::new(Box::pin(body), None)
}
