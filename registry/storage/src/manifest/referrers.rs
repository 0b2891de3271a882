//! Which manifests are attached to which: a link under the subject for each.
//!
//! A registry without this keeps the list in an index under a tag made from the subject's digest, written
//! by the clients. Such an index is read as well, so an old repository needs no conversion. Whatever says
//! that a manifest is attached, the manifest itself has the last word.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};
use registry_protocol::digest::Kind;
use registry_protocol::{Digest, Name, Tag};
use serde_json::Value;

use super::{media, revision};
use crate::domain::{Descriptor, Page, ReferrersRequest};
use crate::driver::Change;
use crate::error::Fault;
use crate::layout::{Store, link_to, paths};
use crate::shared::Shared;
use crate::tag;

/// How many manifests are read at once.
const AT_ONCE: usize = 8;
/// A page ends where its annotations have grown to this: clients take indexes of up to 4 MiB.
const PAGE_BYTES: usize = 3 * 1024 * 1024;

/// That a manifest is attached to its subject.
pub(super) fn attach(name: &Name, subject: &Digest, referrer: &Digest) -> Change {
    link_to(paths::referrer_link(name, subject, referrer), referrer)
}

/// Detaches a manifest from its subject.
pub(super) async fn detach(
    store: &Store,
    name: &Name,
    subject: &Digest,
    referrer: &Digest,
) -> Result<(), Fault> {
    let entry = paths::referrer(name, subject, referrer);
    store.delete_tree(&entry).await.map(drop)
}

/// A page of the manifests that are attached to a subject.
pub(super) async fn page(
    shared: &Shared,
    name: &Name,
    request: &ReferrersRequest,
) -> Result<Page<Descriptor>, Fault> {
    let limit = request.page.limit;
    if limit == 0 {
        return Ok(Page::empty());
    }
    let mut candidates = linked(&shared.store, name, &request.subject).await?;
    candidates.extend(tagged(shared, name, &request.subject).await?);
    let behind = |digest: &Digest| {
        request
            .page
            .after
            .as_ref()
            .is_none_or(|after| digest > after)
    };
    let candidates = candidates.into_iter().filter(behind);
    let mut found = futures_util::stream::iter(candidates)
        .map(|digest| describe(shared, name, &request.subject, digest))
        .buffered(AT_ONCE);
    let (mut items, mut bytes) = (Vec::new(), 0);
    while let Some(descriptor) = found.try_next().await? {
        let Some(descriptor) = descriptor.filter(|found| wanted(request, found)) else {
            continue;
        };
        bytes += weight(&descriptor);
        if items.len() == limit || (bytes > PAGE_BYTES && !items.is_empty()) {
            return Ok(Page { items, more: true });
        }
        items.push(descriptor);
    }
    if items.is_empty() {
        shared.store.check_root().await?;
    }
    Ok(Page { items, more: false })
}

fn wanted(request: &ReferrersRequest, found: &Descriptor) -> bool {
    request.artifact_type.is_none() || request.artifact_type == found.artifact_type
}

fn weight(descriptor: &Descriptor) -> usize {
    let annotations = descriptor.annotations.iter();
    annotations
        .map(|(name, value)| name.len() + value.len())
        .sum()
}

/// The manifests that were attached here. The directory of a link suffices: one that lost its link is that of
/// a manifest half deleted, which is either still there or not.
async fn linked(store: &Store, name: &Name, subject: &Digest) -> Result<BTreeSet<Digest>, Fault> {
    let mut found = BTreeSet::new();
    for kind in Kind::ALL {
        let entries = store
            .children(&paths::referrers_of(name, subject, kind))
            .await?;
        let digests = entries
            .iter()
            .filter_map(|entry| Digest::from_parts(kind.as_str(), &entry.name));
        found.extend(digests);
    }
    Ok(found)
}

/// The manifests in the index that clients keep where a registry does not.
async fn tagged(shared: &Shared, name: &Name, subject: &Digest) -> Result<Vec<Digest>, Fault> {
    let text = format!("{}-{}", subject.algorithm(), subject.hex());
    let Ok(tag) = Tag::parse(&text.chars().take(128).collect::<String>()) else {
        return Ok(Vec::new());
    };
    let Some(digest) = tag::current(&shared.store, name, &tag).await? else {
        return Ok(Vec::new());
    };
    let Some(index) = revision::read(shared, name, &digest).await? else {
        return Ok(Vec::new());
    };
    let document = revision::document(&index.content);
    let manifests = document.get("manifests").and_then(Value::as_array);
    Ok(manifests
        .into_iter()
        .flatten()
        .filter_map(media::digest_of)
        .collect())
}

/// The descriptor of a manifest, if it is there and attached to the subject.
async fn describe(
    shared: &Shared,
    name: &Name,
    subject: &Digest,
    digest: Digest,
) -> Result<Option<Descriptor>, Fault> {
    let Some(manifest) = revision::read(shared, name, &digest).await? else {
        return Ok(None);
    };
    let document = revision::document(&manifest.content);
    let own = document.get("subject").and_then(media::digest_of);
    if own.as_ref() != Some(subject) {
        return Ok(None);
    }
    let mut descriptor = manifest.descriptor;
    descriptor.artifact_type = media::artifact_type(&document);
    if let Some(Value::Object(annotations)) = document.get("annotations") {
        let texts = annotations.iter();
        let texts =
            texts.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned())));
        descriptor.annotations = texts.collect();
    }
    Ok(Some(descriptor))
}
