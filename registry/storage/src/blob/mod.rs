//! Blobs: content by digest, and the links by which a repository has it.
//!
//! `content` knows what is stored, whoever has it; `linked` is the service of one repository and lets
//! through only what is linked there; `mount` links, `reader` hands out bytes.

pub(crate) mod content;
mod linked;
mod mount;
mod reader;

pub(crate) use linked::{LinkedBlobs, follow, membership};
pub(crate) use mount::link;

#[cfg(test)]
mod tests;
