//! Checks that the repository has what a manifest refers to, and collects all that it has not.
//!
//! Another size than that of the file may be the client's mistake: Docker 20.10 writes some that are too large by
//! one, nix2container 0 for the layers of a base image. distribution takes them, and so they are taken here, once
//! the file was hashed and found to be right. One that is not is missing, so that it is pushed again.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};
use registry_protocol::{Digest, Name};

use super::media::Target;
use super::revision;
use crate::blob::{self, holds};
use crate::driver::{Change, Key};
use crate::error::{Fault, ManifestInvalid, ManifestPutError, ManifestUnverified};
use crate::layout::paths;
use crate::shared::Shared;

/// How many are looked for at once.
const AT_ONCE: usize = 16;

/// Fails with everything that is missing. Otherwise these are the references that have to be made sure of
/// before the manifest is answered for: somebody else is still writing them.
pub(super) async fn verify(
    shared: &Shared,
    name: &Name,
    targets: &[Target],
) -> Result<Vec<Change>, ManifestPutError> {
    let targets = distinct(targets);
    let limit = shared.options.reference_limit;
    if targets.len() > limit {
        let problem = format!("it refers to more than {limit} other things");
        return Err(ManifestInvalid::because(problem).into());
    }
    let mut looking = futures_util::stream::iter(targets)
        .map(|target| look(shared, name, target))
        .buffered(AT_ONCE);
    let (mut missing, mut kept) = (Vec::new(), Vec::new());
    while let Some(looked) = looking.try_next().await? {
        match looked {
            Looked::Missing(digest) => missing.push(digest),
            Looked::There(files) => kept.extend(shared.store.keep(files)),
        }
    }
    if missing.is_empty() {
        return Ok(kept);
    }
    Err(ManifestUnverified { missing }.into())
}

/// Each once, in order: a manifest may name a layer twice.
fn distinct(targets: &[Target]) -> Vec<Target> {
    let mut seen = BTreeSet::new();
    let first = |target: &&Target| seen.insert(target.digest.clone());
    targets.iter().filter(first).cloned().collect()
}

enum Looked {
    Missing(Digest),
    /// With the files that make it be there.
    There(Vec<Key>),
}

async fn look(shared: &Shared, name: &Name, target: Target) -> Result<Looked, Fault> {
    let Target { digest, size, .. } = &target;
    if target.is_manifest && shared.options.sparse_indexes {
        return Ok(Looked::There(Vec::new()));
    }
    let Some((link, place, length)) = find(shared, name, &target).await? else {
        return Ok(Looked::Missing(target.digest));
    };
    if length != *size && !holds(shared, &place, digest).await? {
        return Ok(Looked::Missing(target.digest));
    }
    Ok(Looked::There(vec![link, paths::blob_data(&place)]))
}

/// The link to what a manifest refers to, where that lies, and how long it is. A child of an index is a manifest.
/// A build cache pushes indexes of blobs, and distribution takes them.
async fn find(
    shared: &Shared,
    name: &Name,
    target: &Target,
) -> Result<Option<(Key, Digest, u64)>, Fault> {
    let digest = &target.digest;
    if target.is_manifest
        && let Some((place, length)) = revision::find(shared, name, digest).await?
    {
        return Ok(Some((paths::revision_link(name, digest), place, length)));
    }
    let found = blob::find(shared, name, digest).await?;
    Ok(found.map(|(place, length)| (paths::layer_link(name, digest), place, length)))
}
