//! Tags: names for manifests. A tag is one small file that is replaced in one step.
//!
//! Beside it distribution keeps an index of all manifests that ever had the tag; it is written here too,
//! before the tag itself, and never read.

use futures_util::{StreamExt, TryStreamExt};
use registry_protocol::{Digest, Name, Tag};

use crate::domain::{Page, PageRequest};
use crate::driver::{Change, ListOptions};
use crate::error::{Fault, FaultKind};
use crate::layout::{Store, link_to, paths};

/// How many tags are looked at side by side.
const AT_ONCE: usize = 16;

/// The digest at which a tag points.
pub(crate) async fn current(
    store: &Store,
    name: &Name,
    tag: &Tag,
) -> Result<Option<Digest>, Fault> {
    store.link(&paths::tag_current(name, tag)).await
}

/// That a manifest is going to have a tag, for the tag's history.
pub(crate) fn note(name: &Name, tag: &Tag, digest: &Digest) -> Change {
    link_to(paths::tag_index(name, tag, digest), digest)
}

/// That a tag points at a manifest, wherever it pointed before.
pub(crate) fn set(name: &Name, tag: &Tag, digest: &Digest) -> Change {
    link_to(paths::tag_current(name, tag), digest)
}

/// Takes a tag away; whether there was one. It is gone with its file; the rest is in nobody's way.
pub(crate) async fn remove(store: &Store, name: &Name, tag: &Tag) -> Result<bool, Fault> {
    let existed = store.delete(&paths::tag_current(name, tag)).await?;
    if let Err(fault) = store.discard(&paths::tag(name, tag)).await {
        tracing::warn!(repository = %name, %tag, error = ?fault, "remains of a tag stay");
    }
    Ok(existed)
}

/// A page of the tags, or none where the repository never had any.
pub(crate) async fn page(
    store: &Store,
    name: &Name,
    request: PageRequest<Tag>,
) -> Result<Option<Page<Tag>>, Fault> {
    let PageRequest { after, limit } = request;
    let mut after = after.map(Tag::into_string);
    let mut tags = Vec::new();
    loop {
        // One more than asked for tells whether there are more.
        let wanted = limit.saturating_add(1).saturating_sub(tags.len());
        let options = ListOptions::page(after.as_deref(), wanted);
        let Some(listing) = store.list(&paths::tags(name), options).await? else {
            return Ok(None);
        };
        after = listing.entries.last().map(|entry| entry.name.clone());
        tags.extend(existing(store, name, listing.names()).await?);
        if tags.len() > limit || limit == 0 || !listing.more {
            return Ok(Some(Page::cut(tags, limit)));
        }
    }
}

/// Those of some directories that are tags: legally named, and pointing somewhere.
async fn existing(
    store: &Store,
    name: &Name,
    names: impl Iterator<Item = &str>,
) -> Result<Vec<Tag>, Fault> {
    let tags: Vec<Tag> = names.filter_map(|text| Tag::parse(text).ok()).collect();
    let looking = futures_util::stream::iter(tags)
        .map(|tag| async move {
            let current = store.exists(&paths::tag_current(name, &tag)).await;
            let exists = or_foreign(current, name, &tag, false)?;
            Ok(exists.then_some(tag))
        })
        .buffered(AT_ONCE);
    looking
        .try_filter_map(|tag| std::future::ready(Ok(tag)))
        .try_collect()
        .await
}

/// The tags that point at a manifest.
pub(crate) async fn pointing_at(
    store: &Store,
    name: &Name,
    digest: &Digest,
) -> Result<Vec<Tag>, Fault> {
    let entries = store.children(&paths::tags(name)).await?;
    let tags = entries
        .into_iter()
        .filter_map(|entry| Tag::parse(&entry.name).ok());
    let looking = futures_util::stream::iter(tags)
        .map(|tag| async move {
            let current = current_or_damaged(store, name, &tag).await?;
            Ok((current.as_ref() == Some(digest)).then_some(tag))
        })
        .buffered(AT_ONCE);
    looking
        .try_filter_map(|tag| std::future::ready(Ok(tag)))
        .try_collect()
        .await
}

/// A damaged tag points at nothing, and must not keep a manifest from being deleted.
async fn current_or_damaged(
    store: &Store,
    name: &Name,
    tag: &Tag,
) -> Result<Option<Digest>, Fault> {
    match current(store, name, tag).await {
        Err(fault) if fault.kind() == FaultKind::Damaged => Ok(None),
        other => or_foreign(other, name, tag, None),
    }
}

/// What somebody put where a tag would be, as a symbolic link, is no tag, and must not keep the others from being
/// listed.
fn or_foreign<T>(looked: Result<T, Fault>, name: &Name, tag: &Tag, no: T) -> Result<T, Fault> {
    match looked {
        Err(fault) if fault.kind() == FaultKind::Foreign => {
            tracing::warn!(repository = %name, %tag, error = ?fault, "what is no tag is passed over");
            Ok(no)
        }
        looked => looked,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::driver::recording::Recording;
    use crate::driver::{Operation, StorageDriver};
    use crate::testing::{memory, name};

    /// The names are read once, and of them only the tags of the page are looked at.
    #[tokio::test]
    async fn a_page_costs_as_many_looks_as_it_has_tags_and_one_more() {
        let recording = Arc::new(Recording::default());
        let driver: Arc<dyn StorageDriver> = Arc::new(Recording::around(memory(), &recording));
        let (store, name) = (Store::new(driver), name("a"));
        let digest = Digest::sha256(b"manifest");
        let tag = |number: usize| Tag::parse(&format!("v{number:05}")).unwrap();
        let tags = (0..1000).map(|number| set(&name, &tag(number), &digest));
        store.publish(vec![tags.collect()]).await.unwrap();
        recording.clear();
        let request = PageRequest::after(tag(499), 100);
        let found = page(&store, &name, request).await.unwrap().unwrap();
        let expected: Vec<Tag> = (500..600).map(tag).collect();
        assert!(found.more && found.items == expected);
        let calls = recording.calls();
        let lists = calls
            .iter()
            .filter(|call| call.operation == Operation::List);
        assert_eq!((lists.count(), calls.len()), (1, 102));
    }
}
