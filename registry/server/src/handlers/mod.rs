//! The handlers: the generated traits over the domain of `registry-storage`, one file for each entity of
//! the API.
//!
//! A handler turns a request into a call of the domain, and the outcome into a declared answer. It names
//! no status, no header and no path, because those are generated; it knows no storage, because it has the
//! traits alone. `failures` maps what the domain can report to what an operation declares.

mod base;
mod blobs;
mod catalog;
mod extensions;
mod failures;
mod manifests;
mod pages;
mod referrers;
mod tags;
mod uploads;

use std::sync::Arc;

use registry_protocol::{Name, NameUnknown};
use registry_storage::domain::{Namespace, Repository};

pub(crate) use pages::PageLimits;

/// The whole API over one namespace.
#[derive(Debug)]
pub(crate) struct Registry {
    namespace: Arc<dyn Namespace>,
    options: Options,
}

/// What the configuration decides about the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    /// The largest pages.
    pub(crate) pages: PageLimits,
    /// Whether a mount that names no source takes the blob from any repository that has it. Only where
    /// every caller may read every repository.
    pub(crate) search_for_mounts: bool,
}

impl Registry {
    /// Serves what `namespace` holds.
    pub(crate) fn new(namespace: Arc<dyn Namespace>, options: Options) -> Self {
        Self { namespace, options }
    }

    /// A handle on the repository of this name; it need not exist.
    fn repository<E: From<NameUnknown>>(&self, name: &Name) -> Result<Arc<dyn Repository>, E> {
        self.namespace
            .repository(name)
            .map_err(failures::unknown_name)
    }
}
