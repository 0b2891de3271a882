//! Linking: how a repository comes to have content.

use registry_protocol::{Digest, Name};

use super::member;
use crate::domain::{Descriptor, octet_stream};
use crate::driver::Change;
use crate::error::Fault;
use crate::layout::{link_to, paths};
use crate::shared::Shared;

/// That a repository has a blob, whose content is stored.
pub(crate) fn link(name: &Name, digest: &Digest) -> Change {
    link_to(paths::layer_link(name, digest), digest)
}

/// Gives a repository a blob that another one has; none where that one does not have it.
pub(super) async fn mount(
    shared: &Shared,
    from: &Name,
    to: &Name,
    digest: &Digest,
) -> Result<Option<Descriptor>, Fault> {
    let Some((target, size)) = member::find(shared, from, digest).await? else {
        return Ok(None);
    };
    let _adding = shared.repositories.shared(to).await;
    let link = link_to(paths::layer_link(to, digest), &target);
    let kept = shared.store.keep([paths::blob_data(&target)]);
    shared.store.publish(vec![kept, vec![link]]).await?;
    Ok(Some(Descriptor::new(octet_stream(), digest.clone(), size)))
}
