//! The route table: templates to a trie of segments, the search in it, and the proof that no path
//! belongs to two routes.
//!
//! A path is split at its slashes and only then percent-decoded; all comparing is done on decoded
//! segments. At most one parameter of a template spans segments; what is right of it is found from the
//! end of the path leftwards, so that words of the API may stand inside its value.
//!
//! A path has the *shape* of a route if its segments fit the template with formats forgotten: literal
//! text is equal, a parameter has at least one byte. Of the routes whose shape a path has, the one takes
//! it whose formats accept the values; if none does, the one whose template is the most literal, so
//! that a malformed value is reported as such. Where two routes compete, literal text goes before a
//! parameter with text around it, that before a bare parameter, and that before one that spans
//! segments. [`proof::overlaps`] shows that never two routes accept a path.

pub mod matcher;
mod product;
pub mod proof;
mod shape;
pub mod tree;
pub mod value;

pub use matcher::{Match, find};
pub use proof::{Overlap, TooLarge, overlaps};
pub use tree::Tree;
pub use value::Values;

/// Most segments of a template. Tries are as deep as templates are long, and walks of them recur.
pub const MAX_SEGMENTS: usize = 64;

/// Most parameters of a template: the runtime keeps so many captures.
pub const MAX_PARAMETERS: usize = 16;
