//! distribution's layout on disk: which keys there are, and what stands in the small files.
//!
//! `paths` names things, `link` and `store` read and write them, `doubt` knows what is not durable yet. Above this folder nobody spells a
//! directory, and below it the drivers know no meaning of a key.

mod doubt;
mod link;
pub(crate) mod paths;
mod store;

pub(crate) use link::link_to;
pub(crate) use store::Store;
