//! What the configuration decides about storage.

use std::time::Duration;

/// How the services behave. Fields are only ever added.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Whether manifests, tags and blobs may be deleted.
    pub delete: bool,
    /// Whether readers of blobs may be sent to a URL of the storage.
    pub redirect: bool,
    /// How long such a URL works.
    pub redirect_for: Duration,
    /// The longest manifest, in bytes.
    pub manifest_limit: usize,
    /// So many bytes of manifests that were read are kept in memory. The bytes alone: who has them is read
    /// from the storage each time.
    pub manifest_cache: u64,
    /// To how many other things a manifest may refer.
    pub reference_limit: usize,
    /// Whether an index may name manifests that are not in the repository.
    pub sparse_indexes: bool,
    /// The largest blob, in bytes.
    pub blob_limit: Option<u64>,
    /// How long a request waits for another one that is writing the same upload.
    pub upload_wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            delete: false,
            redirect: true,
            redirect_for: Duration::from_mins(20),
            manifest_limit: 4 * 1024 * 1024,
            manifest_cache: 64 * 1024 * 1024,
            reference_limit: 4096,
            sparse_indexes: false,
            blob_limit: None,
            upload_wait: Duration::from_secs(10),
        }
    }
}
