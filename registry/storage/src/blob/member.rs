//! What a repository has: the links in it, and where they lead.
//!
//! distribution keeps a blob that was pushed under another algorithm's digest once, as sha256, and links it from
//! there. Hazard: a link is a file that anything may have written. Where it leads elsewhere than its own place
//! says, the content there is hashed before it is taken for what was asked for.

use registry_protocol::{Digest, Name};

use super::{content, verified};
use crate::driver::Key;
use crate::error::{Fault, FaultKind};
use crate::layout::paths;
use crate::shared::Shared;

/// Whether a repository has a blob, and under which digest its content lies.
pub(crate) async fn membership(
    shared: &Shared,
    name: &Name,
    digest: &Digest,
) -> Result<Option<Digest>, Fault> {
    follow(shared, &paths::layer_link(name, digest), digest).await
}

/// Follows a link whose own place names a digest. Where it is damaged, its place still tells: a crash of an
/// older registry empties the file.
pub(crate) async fn follow(
    shared: &Shared,
    link: &Key,
    digest: &Digest,
) -> Result<Option<Digest>, Fault> {
    match shared.store.link(link).await {
        Ok(None) => return Ok(None),
        Ok(Some(target)) if leads_to(shared, &target, digest).await? => return Ok(Some(target)),
        Ok(Some(_)) => {}
        Err(fault) if fault.kind() == FaultKind::Damaged => {}
        Err(fault) => return Err(fault),
    }
    tracing::warn!(%link, "a damaged link is taken for what its place says");
    Ok(Some(digest.clone()))
}

/// Whether what lies under `target` is what `digest` says.
async fn leads_to(shared: &Shared, target: &Digest, digest: &Digest) -> Result<bool, Fault> {
    if target == digest {
        return Ok(true);
    }
    // The hash of another registry may be one that is not computed here.
    Ok(target.algorithm() != digest.algorithm()
        && (digest.kind().is_err() || verified::holds(shared, target, digest).await?))
}

/// What a repository has under a digest: where its content lies, and how long it is. Content that is known to be
/// another counts as missing, so that it is pushed again.
pub(crate) async fn find(
    shared: &Shared,
    name: &Name,
    digest: &Digest,
) -> Result<Option<(Digest, u64)>, Fault> {
    let Some(target) = membership(shared, name, digest).await? else {
        return Ok(None);
    };
    match content::size(&shared.store, &target).await? {
        Some(size) if !verified::is_wrong(shared, &target, digest).await? => {
            Ok(Some((target, size)))
        }
        _ => {
            tracing::warn!(repository = %name, %digest, "a blob is linked, its content is gone");
            Ok(None)
        }
    }
}
