//! The registry over a storage driver: the innermost implementation of the domain.

use std::sync::Arc;

use registry_protocol::{Digest, Name};

use crate::blob::{LinkedBlobs, Verified};
use crate::cache::Manifests;
use crate::catalog;
use crate::clock::{Clock, Ids, RandomIds, SystemClock};
use crate::domain::{
    Answer, BlobService, GlobalScope, ManifestService, Namespace, Page, PageRequest, Repository,
    Scope, SignatureService,
};
use crate::driver::{DriverError, Key, StorageDriver};
use crate::error::{Fault, RepositoryUnknown};
use crate::layout::Store;
use crate::locks::Locks;
use crate::manifest::Revisions;
use crate::options::Options;
use crate::shared::Shared;
use crate::signature::Signatures;
use crate::tasks::Tasks;
use crate::upload::{self, PurgeOptions, Purged};

/// All repositories in one storage.
#[derive(Debug, Clone)]
pub struct Local {
    shared: Arc<Shared>,
    scope: Arc<dyn Scope>,
}

impl Local {
    /// Opens a storage, with the clock of the system, random ids and all names.
    pub fn new(driver: Arc<dyn StorageDriver>, options: Options) -> Self {
        Self::with(driver, options, Arc::new(SystemClock), Arc::new(RandomIds))
    }

    /// Opens a storage.
    pub fn with(
        driver: Arc<dyn StorageDriver>,
        options: Options,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        let shared = Shared {
            store: Store::new(driver),
            manifests: Manifests::new(options.manifest_cache),
            options,
            clock,
            ids,
            repositories: Locks::new(),
            uploads: Locks::new(),
            verified: Arc::new(Verified::default()),
            tasks: Tasks::new(),
        };
        Self {
            shared: Arc::new(shared),
            scope: Arc::new(GlobalScope),
        }
    }

    /// The same storage, of which only the names in a scope are served.
    #[must_use]
    pub fn within(mut self, scope: Arc<dyn Scope>) -> Self {
        self.scope = scope;
        self
    }

    /// The directories of the layout that are there. One that is a symbolic link, or cannot be looked at, is an
    /// error, which is better known at start.
    pub async fn check(&self) -> Result<Vec<Key>, DriverError> {
        self.shared.store.directories().await
    }

    /// Removes uploads that nobody goes on with. It takes its time; requests go on beside it.
    pub fn purge_uploads(&self, options: PurgeOptions) -> Answer<'_, Purged, Fault> {
        Box::pin(upload::purge(&self.shared, &*self.scope, options))
    }

    /// Waits for what requests began and left, as an upload whose connection was cut and that is being kept.
    pub async fn settled(&self) {
        self.shared.tasks.ended().await;
    }
}

impl Namespace for Local {
    fn scope(&self) -> &dyn Scope {
        &*self.scope
    }

    fn repository(&self, name: &Name) -> Result<Arc<dyn Repository>, RepositoryUnknown> {
        let name = name.clone();
        if !self.scope.contains(&name) {
            return Err(RepositoryUnknown { name });
        }
        let shared = Arc::clone(&self.shared);
        Ok(Arc::new(LocalRepository { shared, name }))
    }

    fn holders<'a>(&'a self, digest: &'a Digest, limit: usize) -> Answer<'a, Vec<Name>, Fault> {
        Box::pin(catalog::holders(&self.shared, &*self.scope, digest, limit))
    }

    fn repositories(&self, page: PageRequest<Name>) -> Answer<'_, Page<Name>, Fault> {
        Box::pin(catalog::page(&self.shared.store, &*self.scope, page))
    }
}

/// A repository in the storage, or one that could be there.
#[derive(Debug)]
struct LocalRepository {
    shared: Arc<Shared>,
    name: Name,
}

impl Repository for LocalRepository {
    fn name(&self) -> &Name {
        &self.name
    }

    fn exists(&self) -> Answer<'_, bool, Fault> {
        Box::pin(self.shared.store.knows_repository(&self.name))
    }

    fn manifests(&self) -> Arc<dyn ManifestService> {
        Arc::new(Revisions::new(Arc::clone(&self.shared), self.name.clone()))
    }

    fn blobs(&self) -> Arc<dyn BlobService> {
        Arc::new(LinkedBlobs::new(
            Arc::clone(&self.shared),
            self.name.clone(),
        ))
    }

    fn signatures(&self) -> Arc<dyn SignatureService> {
        Arc::new(Signatures::new(self.manifests()))
    }
}
