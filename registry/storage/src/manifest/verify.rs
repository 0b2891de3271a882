//! Checks that the repository has what a manifest refers to, and collects all that it has not.
//!
//! Sizes are not compared, as distribution does not either: there are clients that write wrong ones (Docker
//! 20.10 some that are too large by one, nix2container 0 for the layers of a base image), and clients that
//! mind find out when they pull.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt};
use registry_protocol::{Digest, Name};

use super::media::Target;
use super::revision;
use crate::blob::{content, membership};
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
    let first = |target: &&Target| {
        let (Target::Blob(digest) | Target::Manifest(digest)) = target;
        seen.insert(digest.clone())
    };
    targets.iter().filter(first).cloned().collect()
}

enum Looked {
    Missing(Digest),
    /// With the files that make it be there.
    There(Vec<Key>),
}

async fn look(shared: &Shared, name: &Name, target: Target) -> Result<Looked, Fault> {
    let (digest, files) = match target {
        Target::Blob(digest) => {
            let files = blob(shared, name, &digest).await?;
            (digest, files)
        }
        Target::Manifest(digest) => {
            let files = child(shared, name, &digest).await?;
            (digest, files)
        }
    };
    Ok(files.map_or(Looked::Missing(digest), Looked::There))
}

async fn blob(shared: &Shared, name: &Name, digest: &Digest) -> Result<Option<Vec<Key>>, Fault> {
    let Some(target) = membership(&shared.store, name, digest).await? else {
        return Ok(None);
    };
    let there = content::size(&shared.store, &target).await?.is_some();
    let files = vec![paths::layer_link(name, digest), paths::blob_data(&target)];
    Ok(there.then_some(files))
}

/// A child of an index is a manifest. A build cache pushes indexes of blobs, and distribution takes them.
async fn child(shared: &Shared, name: &Name, digest: &Digest) -> Result<Option<Vec<Key>>, Fault> {
    if shared.options.sparse_indexes {
        return Ok(Some(Vec::new()));
    }
    match revision::files(&shared.store, name, digest).await? {
        Some(files) => Ok(Some(files)),
        None => blob(shared, name, digest).await,
    }
}
