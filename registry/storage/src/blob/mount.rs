//! Linking: how a repository comes to have content.

use registry_protocol::{Digest, Name};

use super::{content, membership};
use crate::domain::{Descriptor, octet_stream};
use crate::error::Fault;
use crate::layout::paths;
use crate::shared::Shared;

/// Gives a repository a blob whose content is stored.
pub(crate) async fn link(shared: &Shared, name: &Name, digest: &Digest) -> Result<(), Fault> {
    let _adding = shared.repositories.shared(name).await;
    let key = paths::layer_link(name, digest);
    shared.store.set_link(&key, digest).await
}

/// Gives a repository a blob that another one has; none where that one does not have it.
pub(super) async fn mount(
    shared: &Shared,
    from: &Name,
    to: &Name,
    digest: &Digest,
) -> Result<Option<Descriptor>, Fault> {
    let Some(target) = membership(&shared.store, from, digest).await? else {
        return Ok(None);
    };
    let Some(size) = content::size(&shared.store, &target).await? else {
        return Ok(None);
    };
    let _adding = shared.repositories.shared(to).await;
    let key = paths::layer_link(to, digest);
    shared.store.set_link(&key, &target).await?;
    Ok(Some(Descriptor::new(octet_stream(), digest.clone(), size)))
}
