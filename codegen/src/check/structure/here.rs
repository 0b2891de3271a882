//! Where the walk is.
//!
//! A place is on the stack and borrows the one around it: most places have no problem, and those that do
//! become paths then.

use crate::diag::{At, Path, Place, clip};

/// A place in the tree.
#[derive(Clone, Copy)]
pub(super) enum Here<'h> {
    /// The whole descriptor.
    Root,
    /// Under a key.
    Key(&'h Here<'h>, &'h str),
    /// In a list.
    Index(&'h Here<'h>, usize),
}

impl<'h> Here<'h> {
    pub(super) fn key(&'h self, key: &'h str) -> Self {
        Self::Key(self, key)
    }

    pub(super) fn index(&'h self, index: usize) -> Self {
        Self::Index(self, index)
    }

    pub(super) fn is_root(&self) -> bool {
        matches!(self, Self::Root)
    }

    pub(super) fn path(&self) -> Path {
        match self {
            Self::Root => Path::root(),
            Self::Key(around, key) => around.path().key(*key),
            Self::Index(around, index) => around.path().index(*index),
        }
    }

    /// How it is called.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Root => "a descriptor".to_owned(),
            Self::Key(_, key) => format!("`{}`", clip(key)),
            Self::Index(Self::Key(_, list), _) => format!("an item of `{}`", clip(list)),
            Self::Index(..) => "an item".to_owned(),
        }
    }
}

impl From<&Here<'_>> for Place {
    fn from(here: &Here<'_>) -> Self {
        Self::At(At::value(&here.path()))
    }
}
