//! Namespaces and the repositories in them.

use std::fmt;
use std::sync::Arc;

use registry_protocol::{Digest, Name};

use super::{Answer, BlobService, ManifestService, Page, PageRequest, Scope, SignatureService};
use crate::error::{Fault, RepositoryUnknown};

/// A set of repositories.
pub trait Namespace: fmt::Debug + Send + Sync {
    /// The names that it may hold.
    fn scope(&self) -> &dyn Scope;

    /// A handle on a repository, whether it exists or not: asking touches no storage. A name outside
    /// the scope is unknown.
    fn repository(&self, name: &Name) -> Result<Arc<dyn Repository>, RepositoryUnknown>;

    /// Some repositories that have a blob, for a mount whose client does not say from where. The search is
    /// bounded, so that none may be found though there are some. Whether the caller may read from one of
    /// them is still to be checked.
    fn holders<'a>(&'a self, digest: &'a Digest, limit: usize) -> Answer<'a, Vec<Name>, Fault>;

    /// The names of the repositories that exist.
    fn repositories(&self, page: PageRequest<Name>) -> Answer<'_, Page<Name>, Fault>;
}

/// A handle on one repository. Content is read through the services of a repository that has it, and
/// in no other way: membership is the permission to read.
pub trait Repository: fmt::Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &Name;

    /// Whether anything was ever pushed to it.
    fn exists(&self) -> Answer<'_, bool, Fault>;

    /// Its manifests and tags.
    fn manifests(&self) -> Arc<dyn ManifestService>;

    /// Its blobs, and the uploads that become blobs.
    fn blobs(&self) -> Arc<dyn BlobService>;

    /// The signatures of its manifests.
    fn signatures(&self) -> Arc<dyn SignatureService>;
}
