//! Stores a manifest: what it refers to is there already, then its content, then what makes it a manifest
//! of the repository, and last the tags, so that no tag ever leads nowhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::{try_join, try_join_all};
use registry_protocol::{Digest, Name, Tag};

use super::media::Parsed;
use super::{media, referrers, revision, verify};
use crate::blob::content;
use crate::domain::{Descriptor, PutManifest, StoredManifest};
use crate::error::{DigestMismatch, Fault, ManifestInvalid, ManifestPutError};
use crate::shared::Shared;
use crate::tag;

/// Checks a manifest and stores it.
pub(super) async fn put(
    shared: Arc<Shared>,
    name: Name,
    mut manifest: PutManifest,
) -> Result<StoredManifest, ManifestPutError> {
    let limit = shared.options.manifest_limit;
    if manifest.content.len() > limit {
        let problem = format!("it is longer than {limit} bytes");
        return Err(ManifestInvalid::because(problem).into());
    }
    let digest = digest_of(&manifest)?;
    let parsed = media::parse(&manifest.content, manifest.media_type.as_ref())?;
    let mut seen = BTreeSet::new();
    manifest.tags.retain(|tag| seen.insert(tag.clone()));
    let _adding = shared.repositories.shared(&name).await;
    verify::verify(&shared, &name, &parsed.targets).await?;
    let writes = Writes {
        shared: &shared,
        name: &name,
        digest: &digest,
        parsed: &parsed,
    };
    writes.content(&manifest).await?;
    writes.revision(&manifest.tags).await?;
    writes.tags(&manifest.tags).await?;
    let size = manifest.content.len() as u64;
    let descriptor = Descriptor::new(parsed.media_type, digest, size);
    Ok(StoredManifest::new(
        descriptor,
        parsed.subject,
        manifest.tags,
    ))
}

/// The digest of a manifest, by the algorithm of the one that the client gave, if it gave one.
fn digest_of(manifest: &PutManifest) -> Result<Digest, DigestMismatch> {
    let Some(expected) = &manifest.digest else {
        return Ok(Digest::sha256(&manifest.content));
    };
    let kind = expected.kind().unwrap_or_default();
    let actual = Digest::of(kind, &manifest.content);
    if actual == *expected {
        return Ok(actual);
    }
    let expected = expected.clone();
    Err(DigestMismatch { expected, actual })
}

/// The three steps. Within one, writes go side by side, to wait for the disk once.
struct Writes<'a> {
    shared: &'a Shared,
    name: &'a Name,
    digest: &'a Digest,
    parsed: &'a Parsed,
}

impl Writes<'_> {
    /// The bytes, and what they are where they do not say it.
    async fn content(&self, manifest: &PutManifest) -> Result<(), Fault> {
        let store = &self.shared.store;
        let content = content::put(store, self.digest, manifest.content.clone());
        if !self.parsed.needs_record {
            return content.await;
        }
        let media_type = &self.parsed.media_type;
        let record = revision::record(store, self.name, self.digest, media_type);
        try_join(content, record).await.map(drop)
    }

    /// The manifest is one of the repository; and it will be found by its subject, once it is there, and
    /// in the history of its tags.
    async fn revision(&self, tags: &[Tag]) -> Result<(), Fault> {
        let (store, name, digest) = (&self.shared.store, self.name, self.digest);
        revision::link(store, name, digest).await?;
        let history = try_join_all(tags.iter().map(|tag| tag::note(store, name, tag, digest)));
        let referrer = async {
            match &self.parsed.subject {
                Some(subject) => referrers::attach(store, name, subject, digest).await,
                None => Ok(()),
            }
        };
        try_join(history, referrer).await.map(drop)
    }

    /// The tags point at the manifest.
    async fn tags(&self, tags: &[Tag]) -> Result<(), Fault> {
        let (store, name) = (&self.shared.store, self.name);
        let setting = tags
            .iter()
            .map(|tag| tag::set(store, name, tag, self.digest));
        try_join_all(setting).await.map(drop)
    }
}
