//! Stores a manifest: what it refers to is there already, then its content, then what makes it a manifest
//! of the repository, and last the tags, so that no tag ever leads nowhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use registry_protocol::{Digest, Name, Reference};

use super::media::Parsed;
use super::{media, referrers, revision, verify};
use crate::blob::content;
use crate::domain::{Descriptor, PutManifest, StoredManifest};
use crate::driver::Change;
use crate::error::{ConditionFailed, DigestMismatch, ManifestInvalid, ManifestPutError};
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
    // Of two at once that give one document different types, or believe the same of a tag, one must find what the
    // other has written.
    let (_adding, _alone) = if parsed.needs_record || manifest.condition.is_some() {
        (None, Some(shared.repositories.exclusive(&name).await))
    } else {
        (Some(shared.repositories.shared(&name).await), None)
    };
    if let Some(condition) = &manifest.condition {
        let pushed_by = match (&manifest.digest, manifest.tags.first()) {
            (None, Some(tag)) => Reference::Tag(tag.clone()),
            _ => Reference::Digest(digest.clone()),
        };
        let there = revision::leads_to(&shared, &name, &pushed_by).await?;
        if !condition.holds(there.as_ref()) {
            return Err(ConditionFailed.into());
        }
    }
    keeps_its_type(&shared, &name, &digest, &parsed).await?;
    let kept = verify::verify(&shared, &name, &parsed.targets).await?;
    let mut stages = stages(&name, &digest, &parsed, &manifest);
    stages.insert(0, kept);
    shared.store.publish(stages).await?;
    let size = manifest.content.len() as u64;
    let descriptor = Descriptor::new(parsed.media_type, digest, size);
    Ok(StoredManifest::new(
        descriptor,
        parsed.subject,
        manifest.tags,
    ))
}

/// Fails where a document that does not say what it is has been pushed as something else before: it is one
/// document under all its tags, and what they point at must not change with a push to another one.
async fn keeps_its_type(
    shared: &Shared,
    name: &Name,
    digest: &Digest,
    parsed: &Parsed,
) -> Result<(), ManifestPutError> {
    if parsed.states_type {
        return Ok(());
    }
    let known = revision::recorded(&shared.store, name, digest, parsed.inferred.as_ref()).await?;
    match known {
        Some(known) if known != parsed.media_type => {
            let problem = format!(
                "the repository has this document as {known} already, and it does not say itself what it is"
            );
            Err(ManifestInvalid::because(problem).into())
        }
        _ => Ok(()),
    }
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

/// What is written, in three stages: the bytes, and what they are where they do not say it; that the
/// manifest is one of the repository, to be found by its subject and in the history of its tags; the tags.
fn stages(
    name: &Name,
    digest: &Digest,
    parsed: &Parsed,
    manifest: &PutManifest,
) -> Vec<Vec<Change>> {
    let mut content = vec![content::small(digest, manifest.content.clone())];
    if parsed.needs_record {
        content.push(revision::record(name, digest, &parsed.media_type));
    }
    let mut revision = vec![revision::link(name, digest)];
    revision.extend(
        parsed
            .subject
            .iter()
            .map(|subject| referrers::attach(name, subject, digest)),
    );
    revision.extend(manifest.tags.iter().map(|tag| tag::note(name, tag, digest)));
    let tags = manifest.tags.iter().map(|tag| tag::set(name, tag, digest));
    vec![content, revision, tags.collect()]
}
