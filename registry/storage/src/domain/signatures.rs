//! Signatures of manifests.
//!
//! The ancestor kept signatures of its own beside a revision. Today a signature is a manifest: one whose
//! `subject` is what it signs, or one under the tag that cosign derives from the digest.

use std::fmt;

use bytes::Bytes;
use registry_protocol::{Digest, MediaType};

use super::{Answer, Descriptor, StoredManifest};
use crate::error::{Fault, ManifestPutError};

/// The signatures of one repository's manifests. It checks none of them: a client does, with its keys.
pub trait SignatureService: fmt::Debug + Send + Sync {
    /// The signatures of a manifest, first those that refer to it, then the one under cosign's tag.
    fn get<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Vec<Signature>, Fault>;

    /// Stores the manifest of a signature. As a referrer it has to have the digest as its subject; under
    /// cosign's tag it replaces the one before.
    fn put<'a>(
        &'a self,
        digest: &'a Digest,
        scheme: SignatureScheme,
        media_type: Option<MediaType>,
        content: Bytes,
    ) -> Answer<'a, StoredManifest, ManifestPutError>;
}

/// How a signature is attached to what it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureScheme {
    /// Its manifest has a `subject`.
    Referrer,
    /// Its manifest is tagged `<algorithm>-<hex>.sig`.
    CosignTag,
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signature {
    /// How it is attached.
    pub scheme: SignatureScheme,
    /// Its manifest.
    pub descriptor: Descriptor,
}

impl Signature {
    /// Puts a signature together.
    pub fn new(scheme: SignatureScheme, descriptor: Descriptor) -> Self {
        Self { scheme, descriptor }
    }
}
