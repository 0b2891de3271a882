//! Manifests that were read lately: their bytes, checked once, and what they say of themselves.
//!
//! Everything in here follows from a digest alone. Hazard: who may read a manifest does not. Whether a
//! repository has it, and what a tag points at, is read from the storage with each request; a cache that
//! answered that would bring back in one repository what another one has pushed again (CVE-2026-35172).

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use registry_protocol::{Digest, MediaType};

/// What an entry takes beside its content, about.
const ENTRY: u64 = 512;

/// About how many manifests there are; only a hint. The cache has a part with a lock of its own for each 32
/// of them, at most, and a share of the bytes in each part: so few parts that a share fits any manifest.
const ITEMS: usize = 256;

/// A manifest, as its content alone tells it.
#[derive(Debug)]
pub(crate) struct Known {
    /// The bytes, which match the digest.
    pub(crate) content: Bytes,
    /// The media type that it states.
    pub(crate) stated: Option<MediaType>,
    /// The media type that its fields suggest.
    pub(crate) inferred: Option<MediaType>,
}

/// The manifests that were read lately.
#[derive(Debug)]
pub(crate) struct Manifests(Cache<Digest, Arc<Known>, Weight>);

impl Manifests {
    /// Keeps so many bytes at most.
    pub(crate) fn new(bytes: u64) -> Self {
        Self(Cache::with_weighter(ITEMS, bytes, Weight))
    }

    pub(crate) fn get(&self, digest: &Digest) -> Option<Arc<Known>> {
        self.0.get(digest)
    }

    /// Keeps a manifest whose bytes have been checked.
    pub(crate) fn keep(&self, digest: Digest, known: Arc<Known>) {
        self.0.insert(digest, known);
    }

    pub(crate) fn forget(&self, digest: &Digest) {
        self.0.remove(digest);
    }
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Digest, Arc<Known>> for Weight {
    fn weight(&self, _: &Digest, known: &Arc<Known>) -> u64 {
        ENTRY + known.content.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(length: usize) -> (Digest, Arc<Known>) {
        let content = Bytes::from(vec![1; length]);
        let known = Known {
            content: content.clone(),
            stated: None,
            inferred: None,
        };
        (Digest::sha256(&content), Arc::new(known))
    }

    #[test]
    fn no_more_bytes_are_kept_than_are_allowed() {
        const MOST: u64 = 1 << 20;
        let manifests = Manifests::new(MOST);
        for length in 0..2000 {
            let (digest, known) = known(length);
            manifests.keep(digest.clone(), known);
            assert!(manifests.get(&digest).is_some(), "{length}");
        }
        assert!(manifests.0.weight() <= MOST, "{}", manifests.0.weight());
        assert!(manifests.0.len() > 100);
    }

    #[test]
    fn the_longest_manifest_is_kept_and_what_is_too_long_is_not() {
        let options = crate::Options::default();
        let manifests = Manifests::new(options.manifest_cache);
        let (digest, longest) = known(options.manifest_limit);
        manifests.keep(digest.clone(), longest);
        assert!(manifests.get(&digest).is_some());
        manifests.forget(&digest);
        assert!(manifests.get(&digest).is_none());

        let nothing = Manifests::new(0);
        let (digest, short) = known(1);
        nothing.keep(digest.clone(), short);
        assert!(nothing.get(&digest).is_none());
    }
}
