//! Takes a manifest or a tag away: first what leads to it, then itself. Content stays for whoever has it
//! too, and for garbage collection.

use std::sync::Arc;

use registry_protocol::{Digest, Name, Reference};

use super::{referrers, revision, subject_of};
use crate::domain::Condition;
use crate::error::{ConditionFailed, Fault, FaultKind, ManifestDeleteError};
use crate::shared::Shared;
use crate::tag;

/// Deletes by tag or digest, if a condition holds; whether there was something.
pub(super) async fn delete(
    shared: Arc<Shared>,
    name: Name,
    reference: Reference,
    condition: Option<Condition>,
) -> Result<bool, ManifestDeleteError> {
    let _alone = shared.repositories.exclusive(&name).await;
    if let Some(condition) = condition {
        // What is not there cannot be deleted, whatever was expected of it.
        let there = revision::leads_to(&shared, &name, &reference).await?;
        if there.is_some() && !condition.holds(there.as_ref()) {
            return Err(ConditionFailed.into());
        }
    }
    Ok(match reference {
        Reference::Tag(tag) => tag::remove(&shared.store, &name, &tag).await?,
        Reference::Digest(digest) => delete_manifest(&shared, &name, &digest).await?,
    })
}

async fn delete_manifest(shared: &Shared, name: &Name, digest: &Digest) -> Result<bool, Fault> {
    let store = &shared.store;
    if !revision::is_linked(store, name, digest).await? {
        return Ok(false);
    }
    for tag in tag::pointing_at(store, name, digest).await? {
        tag::remove(store, name, &tag).await?;
    }
    if let Some(subject) = subject(shared, name, digest).await? {
        referrers::detach(store, name, &subject, digest).await?;
    }
    // Another repository may have it still, and then it is read again.
    shared.manifests.forget(digest);
    revision::remove(store, name, digest).await
}

/// To what a manifest is attached. One that cannot be read any more can be deleted all the same.
async fn subject(shared: &Shared, name: &Name, digest: &Digest) -> Result<Option<Digest>, Fault> {
    let manifest = match revision::read(shared, name, digest).await {
        Err(fault) if fault.kind() == FaultKind::Damaged => return Ok(None),
        other => other?,
    };
    Ok(manifest.and_then(|manifest| subject_of(&manifest.content)))
}
