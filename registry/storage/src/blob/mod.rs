//! Blobs: content by digest, and the links by which a repository has it.
//!
//! `content` knows what is stored, whoever has it; `member` what is linked in a repository, and `linked` is the
//! service that lets through nothing else; `mount` links, `reader` hands out bytes, `verified` knows which files
//! hold what they should.

pub(crate) mod content;
mod linked;
mod member;
mod mount;
mod reader;
mod verified;

pub(crate) use linked::LinkedBlobs;
pub(crate) use member::{find, follow, membership};
pub(crate) use mount::link;
pub(crate) use verified::{Verified, holds, remember};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod verified_tests;
