//! Manifests of a repository, its tags, and which manifests refer to which.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use registry_protocol::{ArtifactType, Digest, MediaType, Reference, Tag};

use super::{Answer, Descriptor, Page, PageRequest};
use crate::error::{Fault, ManifestDeleteError, ManifestError, ManifestPutError, RepositoryError};

/// The manifests and tags of one repository.
pub trait ManifestService: fmt::Debug + Send + Sync {
    /// Whether the repository has the manifest.
    fn exists<'a>(&'a self, digest: &'a Digest) -> Answer<'a, bool, Fault>;

    /// A manifest by digest.
    fn get<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Manifest, ManifestError>;

    /// Stores a manifest, after everything it refers to was found in the repository, and sets tags on it.
    /// When it returns, the manifest and all the tags are durable.
    fn put(&self, manifest: PutManifest) -> Answer<'_, StoredManifest, ManifestPutError>;

    /// The tags, sorted by their bytes. A repository whose tags were all deleted has none; one that
    /// never existed is unknown.
    fn tags(&self, page: PageRequest<Tag>) -> Answer<'_, Page<Tag>, RepositoryError>;

    /// Whether the tag points at a manifest.
    fn exists_by_tag<'a>(&'a self, tag: &'a Tag) -> Answer<'a, bool, Fault>;

    /// The manifest at which a tag points.
    fn get_by_tag<'a>(&'a self, tag: &'a Tag) -> Answer<'a, Manifest, ManifestError>;

    /// By tag, takes the tag away and nothing else. By digest, takes the manifest away, and before it
    /// every tag that points at it. Where a condition does not hold of what is there, nothing.
    fn delete_if<'a>(
        &'a self,
        reference: &'a Reference,
        condition: Option<Condition>,
    ) -> Answer<'a, (), ManifestDeleteError>;

    /// The same without a condition.
    fn delete<'a>(&'a self, reference: &'a Reference) -> Answer<'a, (), ManifestDeleteError> {
        self.delete_if(reference, None)
    }

    /// The manifests whose subject is this digest, in the order of their digests. The subject itself
    /// need not exist.
    fn referrers(&self, request: ReferrersRequest) -> Answer<'_, Page<Descriptor>, Fault>;

    /// A manifest by tag or digest.
    fn get_by_reference<'a>(
        &'a self,
        reference: &'a Reference,
    ) -> Answer<'a, Manifest, ManifestError> {
        match reference {
            Reference::Digest(digest) => self.get(digest),
            Reference::Tag(tag) => self.get_by_tag(tag),
        }
    }
}

/// A manifest, as it was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// The media type that it was pushed with, the digest asked for or tagged, the length.
    pub descriptor: Descriptor,
    /// The very bytes; they have been checked against the digest.
    pub content: Bytes,
}

impl Manifest {
    /// Puts a manifest together.
    pub fn new(descriptor: Descriptor, content: Bytes) -> Self {
        Self {
            descriptor,
            content,
        }
    }
}

/// Says whether a condition holds where this is what a reference leads to.
type Holds = dyn Fn(Option<&Digest>) -> bool + Send + Sync;

/// What must be true of a reference before it is changed: of the digest to which it leads, if it leads anywhere.
/// It is asked while nobody else can change that.
#[derive(Clone)]
pub struct Condition(Arc<Holds>);

impl Condition {
    /// A condition, as a function that says whether it holds.
    pub fn new(holds: impl Fn(Option<&Digest>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(holds))
    }

    /// Whether it holds where this is there.
    pub(crate) fn holds(&self, there: Option<&Digest>) -> bool {
        (self.0)(there)
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition").finish_non_exhaustive()
    }
}

/// A manifest to be stored.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PutManifest {
    /// Its media type, without parameters, where the client says it.
    pub media_type: Option<MediaType>,
    /// Its bytes.
    pub content: Bytes,
    /// The digest that it has to have; without one it gets a sha256.
    pub digest: Option<Digest>,
    /// The tags to be set on it.
    pub tags: Vec<Tag>,
    /// What must be true of the reference that it is pushed by.
    pub condition: Option<Condition>,
}

impl PutManifest {
    /// A manifest pushed by digest or by tag, without further tags.
    pub fn new(reference: Reference, media_type: Option<MediaType>, content: Bytes) -> Self {
        let (digest, tags) = match reference {
            Reference::Digest(digest) => (Some(digest), Vec::new()),
            Reference::Tag(tag) => (None, vec![tag]),
        };
        Self {
            media_type,
            content,
            digest,
            tags,
            condition: None,
        }
    }

    /// Only where a condition holds, if there is one.
    #[must_use]
    pub fn provided(mut self, condition: Option<Condition>) -> Self {
        self.condition = condition;
        self
    }

    /// Further tags.
    #[must_use]
    pub fn tagged(mut self, tags: impl IntoIterator<Item = Tag>) -> Self {
        self.tags.extend(tags);
        self
    }
}

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredManifest {
    /// The manifest's own description.
    pub descriptor: Descriptor,
    /// The manifest to which it is attached, if it is: it is now among the referrers of that.
    pub subject: Option<Digest>,
    /// The tags that were set, each once.
    pub tags: Vec<Tag>,
}

impl StoredManifest {
    /// Puts an answer together.
    pub fn new(descriptor: Descriptor, subject: Option<Digest>, tags: Vec<Tag>) -> Self {
        Self {
            descriptor,
            subject,
            tags,
        }
    }
}

/// Which referrers are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReferrersRequest {
    /// To what they refer.
    pub subject: Digest,
    /// Only those of this type.
    pub artifact_type: Option<ArtifactType>,
    /// Which part of the list; a page may also end before `limit`, where descriptors are large.
    pub page: PageRequest<Digest>,
}

impl ReferrersRequest {
    /// All types.
    pub fn new(subject: Digest, page: PageRequest<Digest>) -> Self {
        Self {
            subject,
            artifact_type: None,
            page,
        }
    }

    /// One type only, if one is given.
    #[must_use]
    pub fn of_type(mut self, artifact_type: Option<ArtifactType>) -> Self {
        self.artifact_type = artifact_type;
        self
    }
}
