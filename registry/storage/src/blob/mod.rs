//! Blobs: content by digest, and the links by which a repository has it.
//!
//! `content` knows what is stored, whoever has it; `linked` is the service of one repository and lets
//! through only what is linked there; `mount` links, `reader` hands out bytes, `verified` knows which files
//! hold what they should.

pub(crate) mod content;
mod linked;
mod mount;
mod reader;
mod verified;

pub(crate) use linked::{LinkedBlobs, follow, membership};
pub(crate) use mount::link;
pub(crate) use verified::{Verified, remember};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod verified_tests;
