//! Checks that the repository has what a manifest refers to, and collects all that it has not.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};
use registry_protocol::{Digest, Name};

use super::media::Target;
use super::revision;
use crate::blob::{content, membership};
use crate::error::{Fault, ManifestInvalid, ManifestPutError, ManifestUnverified};
use crate::shared::Shared;

/// How many are looked for at once.
const AT_ONCE: usize = 16;

/// Fails with everything that is missing.
pub(super) async fn verify(
    shared: &Shared,
    name: &Name,
    targets: &[Target],
) -> Result<(), ManifestPutError> {
    let targets = distinct(targets);
    let limit = shared.options.reference_limit;
    if targets.len() > limit {
        let problem = format!("it refers to more than {limit} other things");
        return Err(ManifestInvalid::because(problem).into());
    }
    let looking = futures_util::stream::iter(targets)
        .map(|target| missing(shared, name, target))
        .buffered(AT_ONCE)
        .try_filter_map(|missing| std::future::ready(Ok(missing)));
    let missing: Vec<Digest> = looking.try_collect().await?;
    if missing.is_empty() {
        return Ok(());
    }
    Err(ManifestUnverified { missing }.into())
}

/// Each once, in order: a manifest may name a layer twice.
fn distinct(targets: &[Target]) -> Vec<Target> {
    let mut seen = BTreeSet::new();
    let first = |target: &&Target| {
        let (Target::Blob(digest) | Target::Manifest(digest)) = target;
        seen.insert(digest.clone())
    };
    targets.iter().filter(first).cloned().collect()
}

/// The digest, if the repository has no such thing.
async fn missing(shared: &Shared, name: &Name, target: Target) -> Result<Option<Digest>, Fault> {
    let (digest, there) = match target {
        Target::Blob(digest) => {
            let there = has_blob(shared, name, &digest).await?;
            (digest, there)
        }
        Target::Manifest(digest) => {
            let there = has_child(shared, name, &digest).await?;
            (digest, there)
        }
    };
    Ok((!there).then_some(digest))
}

async fn has_blob(shared: &Shared, name: &Name, digest: &Digest) -> Result<bool, Fault> {
    let Some(target) = membership(&shared.store, name, digest).await? else {
        return Ok(false);
    };
    Ok(content::size(&shared.store, &target).await?.is_some())
}

/// A child of an index is a manifest. A build cache pushes indexes of blobs, and distribution takes them.
async fn has_child(shared: &Shared, name: &Name, digest: &Digest) -> Result<bool, Fault> {
    Ok(shared.options.sparse_indexes
        || revision::exists(&shared.store, name, digest).await?
        || has_blob(shared, name, digest).await?)
}
