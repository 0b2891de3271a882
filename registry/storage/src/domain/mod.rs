//! What a registry does, as traits: the one seam between its HTTP side and what lies below.
//!
//! `Namespace` gives `Repository`s, and a repository its services. `Local` implements them over a
//! storage driver; read-only mode, quotas, events and pull-through are implementations that wrap another.
//! So every trait can be used as `dyn`, handles are shared, and nothing here knows how anything is kept.
//! Failures are in `crate::error`.

mod blobs;
mod descriptor;
mod manifests;
mod namespace;
mod page;
mod scope;
mod signatures;
mod upload;

use std::io;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

pub use blobs::{Blob, BlobService, SMALL_BLOB, Served, UploadOptions};
pub use descriptor::{Descriptor, octet_stream};
pub use manifests::{
    Condition, Manifest, ManifestService, PutManifest, ReferrersRequest, StoredManifest,
};
pub use namespace::{Namespace, Repository};
pub use page::{Page, PageRequest};
pub use scope::{GlobalScope, Scope};
pub use signatures::{Signature, SignatureScheme, SignatureService};
pub use upload::{BlobUpload, Chunk, UploadStatus};

/// The answer of a service, to be awaited.
pub type Answer<'a, T, E> = BoxFuture<'a, Result<T, E>>;

/// Bytes on their way. A stream that breaks off yields an error, and never just ends early.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;
