//! The route table: templates to a trie of segments, the search in it, and the proof that no path
//! belongs to two routes.
//!
//! A path is split at its slashes and only then percent-decoded. At most one parameter of a template
//! spans segments; what is right of it is found from the end of the path leftwards, so that words of
//! the API may stand inside its value.

pub mod matcher;
pub mod proof;
mod shape;
pub mod tree;

pub use shape::Part;
