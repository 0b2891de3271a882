//! The descriptor of OCI: what is known of content without reading it.

use std::collections::BTreeMap;

use registry_protocol::{ArtifactType, Digest, MediaType};
use serde::{Deserialize, Serialize};

/// What some content is, by digest. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Descriptor {
    /// What kind of content it is.
    pub media_type: MediaType,
    /// Which content it is.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// What an artifact is, where the content is the manifest of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<ArtifactType>,
    /// What else its maker says about it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// The three facts that every descriptor states.
    pub fn new(media_type: MediaType, digest: Digest, size: u64) -> Self {
        Self {
            media_type,
            digest,
            size,
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }
}

/// The media type of bytes of which nothing is known, as a blob is to the registry.
#[expect(clippy::missing_panics_doc, reason = "the text is a media type")]
pub fn octet_stream() -> MediaType {
    MediaType::parse("application/octet-stream").expect("it is a media type")
}
