//! Manifests of one repository: read, stored, deleted.
//!
//! `json`, `media` and `check` understand a document, `verify` looks for what it refers to, `revision`
//! has the manifests by digest, `referrers` those attached to others; `put` and `delete` keep the order
//! of writes. Tags are next door.

mod check;
mod delete;
mod json;
mod media;
mod put;
mod referrers;
mod revision;
mod verify;

use std::sync::Arc;

use registry_protocol::{Digest, Name, Reference, Tag};

use crate::domain::{
    Answer, Condition, Descriptor, Manifest, ManifestService, Page, PageRequest, PutManifest,
    ReferrersRequest, StoredManifest,
};
use crate::error::{
    Fault, ManifestDeleteError, ManifestError, ManifestPutError, ManifestUnknown, Refusal,
    RepositoryError, RepositoryUnknown,
};
use crate::shared::Shared;
use crate::tag;

/// A tag that moves while it is followed is followed again, so many times.
const FOLLOW: usize = 4;

/// To what a manifest is attached, by its own word.
pub(crate) fn subject_of(content: &[u8]) -> Option<Digest> {
    media::digest_of(revision::document(content).get("subject")?)
}

/// The manifest service over the layout.
#[derive(Debug)]
pub(crate) struct Revisions {
    shared: Arc<Shared>,
    name: Name,
}

impl Revisions {
    pub(crate) fn new(shared: Arc<Shared>, name: Name) -> Self {
        Self { shared, name }
    }

    async fn read(&self, digest: &Digest) -> Result<Option<Manifest>, Fault> {
        revision::read(&self.shared, &self.name, digest).await
    }

    /// What `look` finds of the manifest of a tag. Between reading the tag and looking it may have been given
    /// to another one, and the old one deleted; then the tag is read again.
    async fn follow<T, L>(&self, tag: &Tag, look: impl Fn(Digest) -> L) -> Result<Option<T>, Fault>
    where
        L: Future<Output = Result<Option<T>, Fault>>,
    {
        let mut before = None;
        for _ in 0..FOLLOW {
            let current = tag::current(&self.shared.store, &self.name, tag).await?;
            let Some(digest) = current.filter(|current| before.as_ref() != Some(current)) else {
                break;
            };
            if let Some(found) = look(digest.clone()).await? {
                return Ok(Some(found));
            }
            before = Some(digest);
        }
        if before.is_some() {
            tracing::warn!(repository = %self.name, %tag, "a tag points at no manifest");
        }
        Ok(None)
    }

    async fn tagged(&self, tag: &Tag) -> Result<Option<Manifest>, Fault> {
        let read = |digest| async move { self.read(&digest).await };
        self.follow(tag, read).await
    }

    /// Whether the tag points at a manifest, which is not read.
    async fn has_tagged(&self, tag: &Tag) -> Result<bool, Fault> {
        let look = |digest| async move {
            let there = revision::exists(&self.shared, &self.name, &digest).await?;
            Ok(there.then_some(()))
        };
        Ok(self.follow(tag, look).await?.is_some())
    }

    /// Why there is no such manifest or tag.
    async fn unknown(&self, reference: Reference) -> Result<ManifestError, Fault> {
        if self.shared.store.knows_repository(&self.name).await? {
            return Ok(ManifestUnknown { reference }.into());
        }
        let name = self.name.clone();
        Ok(RepositoryUnknown { name }.into())
    }

    async fn list_tags(&self, page: PageRequest<Tag>) -> Result<Page<Tag>, RepositoryError> {
        let store = &self.shared.store;
        if let Some(page) = tag::page(store, &self.name, page).await? {
            return Ok(page);
        }
        if store.knows_repository(&self.name).await? {
            return Ok(Page::empty());
        }
        let name = self.name.clone();
        Err(RepositoryUnknown { name }.into())
    }

    async fn remove(
        &self,
        reference: &Reference,
        condition: Option<Condition>,
    ) -> Result<(), ManifestDeleteError> {
        if !self.shared.options.delete {
            return Err(Refusal::unsupported("deletion is turned off").into());
        }
        let (shared, name) = (Arc::clone(&self.shared), self.name.clone());
        let deleting = delete::delete(shared, name, reference.clone(), condition);
        if self.shared.tasks.to_the_end(deleting).await?? {
            return Ok(());
        }
        Err(match self.unknown(reference.clone()).await? {
            ManifestError::RepositoryUnknown(error) => error.into(),
            ManifestError::Unknown(error) => error.into(),
            ManifestError::Fault(fault) => fault.into(),
        })
    }
}

impl ManifestService for Revisions {
    fn exists<'a>(&'a self, digest: &'a Digest) -> Answer<'a, bool, Fault> {
        Box::pin(revision::exists(&self.shared, &self.name, digest))
    }

    fn get<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Manifest, ManifestError> {
        Box::pin(async move {
            match self.read(digest).await? {
                Some(manifest) => Ok(manifest),
                None => Err(self.unknown(Reference::Digest(digest.clone())).await?),
            }
        })
    }

    fn put(&self, manifest: PutManifest) -> Answer<'_, StoredManifest, ManifestPutError> {
        let (shared, name) = (Arc::clone(&self.shared), self.name.clone());
        let tasks = &self.shared.tasks;
        Box::pin(async move { tasks.to_the_end(put::put(shared, name, manifest)).await? })
    }

    fn tags(&self, page: PageRequest<Tag>) -> Answer<'_, Page<Tag>, RepositoryError> {
        Box::pin(self.list_tags(page))
    }

    fn exists_by_tag<'a>(&'a self, tag: &'a Tag) -> Answer<'a, bool, Fault> {
        Box::pin(self.has_tagged(tag))
    }

    fn get_by_tag<'a>(&'a self, tag: &'a Tag) -> Answer<'a, Manifest, ManifestError> {
        Box::pin(async move {
            match self.tagged(tag).await? {
                Some(manifest) => Ok(manifest),
                None => Err(self.unknown(Reference::Tag(tag.clone())).await?),
            }
        })
    }

    fn delete_if<'a>(
        &'a self,
        reference: &'a Reference,
        condition: Option<Condition>,
    ) -> Answer<'a, (), ManifestDeleteError> {
        Box::pin(self.remove(reference, condition))
    }

    fn referrers(&self, request: ReferrersRequest) -> Answer<'_, Page<Descriptor>, Fault> {
        Box::pin(async move { referrers::page(&self.shared, &self.name, &request).await })
    }
}

#[cfg(test)]
mod cache_tests;
#[cfg(test)]
mod referrer_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod type_tests;
