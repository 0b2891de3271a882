//! Which names a namespace serves.

use std::fmt;

use registry_protocol::Name;

/// The names that a namespace may hold; it is what tells two namespaces apart.
pub trait Scope: fmt::Debug + Send + Sync {
    /// Whether a repository of this name may lie in the namespace.
    fn contains(&self, name: &Name) -> bool;
}

/// All names: the scope of a registry that serves everything it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GlobalScope;

impl Scope for GlobalScope {
    fn contains(&self, _name: &Name) -> bool {
        true
    }
}
