//! A client of registries.
//!
//! [`Registry`] is one of them, and does what programs want of it: it pushes blobs and goes on where a
//! connection broke, pulls them and checks every byte, pushes and pulls manifests, lists, deletes, and
//! copies images ([`copy()`]). It logs in by itself, and tries again what may be tried again.
//!
//! ```
//! use bytes::Bytes;
//! use futures_util::TryStreamExt as _;
//! use registry_client::{
//!     Credentials, Digest, ListOptions, MediaType, Name, OCI_MANIFEST, PushOptions, Reference, Registry,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let text = "{version: 0.1, http: {addr: '127.0.0.1:0'}, storage: {inmemory: {}}}";
//! # let server = registry::Server::bind(registry::config::parse(text, "example")?.config).await?;
//! # let address = server.address();
//! # tokio::spawn(server.run(std::future::pending()));
//! let registry = Registry::builder(&format!("http://{address}"))
//!     .credentials(Credentials::basic("me", "secret"))
//!     .build()?;
//! let name = Name::parse("team/app")?;
//!
//! // What a manifest refers to comes first.
//! let config = Bytes::from_static(b"{}");
//! let digest = Digest::sha256(&config);
//! registry
//!     .push_blob(&name, &digest, &config, &PushOptions::default())
//!     .await?;
//! let manifest = format!(
//!     r#"{{"schemaVersion": 2, "mediaType": "{OCI_MANIFEST}", "layers": [],
//!         "config": {{"mediaType": "application/vnd.oci.empty.v1+json", "digest": "{digest}", "size": 2}}}}"#
//! );
//! let tag = Reference::parse("v1")?;
//! let kind = MediaType::parse(OCI_MANIFEST)?;
//! registry
//!     .push_manifest(&name, &tag, &kind, manifest.into())
//!     .await?;
//!
//! let manifest = registry.pull_manifest(&name, &tag).await?;
//! println!("{} is {}", tag.as_str(), manifest.digest);
//! let blob = registry.pull_blob(&name, &digest).await?;
//! assert_eq!(blob.bytes(1024).await?, "{}");
//! let tags: Vec<_> = registry
//!     .tags(&name, ListOptions::default())
//!     .try_collect()
//!     .await?;
//! assert_eq!(tags.len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! What goes wrong is an [`Error`]. It says whether there is no such thing, whether a login is wanted,
//! whether it may go better later.
//!
//! Credentials go to the registry and to the token services that the caller allowed, nowhere else, and over
//! plain HTTP only within this machine unless the caller says otherwise.
//!
//! # One operation at a time
//!
//! [`Client`] is generated from the API's descriptor: a method for each operation, on the types of
//! `registry-protocol`, which are at the root of this crate as well. Each operation has an enum of the
//! failures that it declares; an answer that is none of them is [`runtime::Error::Undeclared`].
//! [`Registry::api`] is one that logs in and tries again; one that [`Client::new`] gives does neither.
//!
//! ```no_run
//! use registry_client::runtime::Error;
//! use registry_client::{
//!     Client, GetManifest, GetManifestError, GetManifestResponse, Name, Reference,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let registry = Client::new("http://127.0.0.1:5000")?;
//! let request = GetManifest::new(Name::parse("team/app")?, Reference::parse("latest")?);
//! match registry.get_manifest(request).await {
//!     Ok(GetManifestResponse::Ok(manifest)) => {
//!         println!("{}: {}", manifest.docker_content_digest, manifest.content_type);
//!     }
//!     Err(Error::Declared(GetManifestError::ManifestUnknown(unknown))) => {
//!         println!("there is no {}", unknown.reference);
//!     }
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Bodies of blobs are streams in both directions. Where a server names a location, as it does for
//! uploads, [`Client::at`] sends the next call there. A list comes page by page
//! ([`Client::list_tags_pages`]); parts and conditions have methods of their own
//! ([`Client::get_blob_range`], [`Client::get_manifest_if`]).

mod auth;
mod builder;
mod clock;
mod copy;
mod error;
mod idle;
mod list;
mod manifest;
mod progress;
mod pull;
mod push;
mod referrers;
mod registry;
mod retry;
mod secret;
mod source;
#[cfg(test)]
mod testing;

pub use api_runtime::client as runtime;
pub use api_runtime::{Body, BodyStream, CollectError, Etag, Location, NonEmpty, RangeSource, Uri};
pub use auth::{AuthError, CredentialProvider, Credentials};
pub use builder::Builder;
pub use clock::{Clock, SystemClock};
pub use copy::{CopyOptions, Repository, copy};
pub use error::{Error, Refused};
pub use list::{Items, ListOptions};
pub use manifest::{
    DOCKER_LIST, DOCKER_MANIFEST, MANIFEST_LIMIT, Manifest, ManifestHead, OCI_INDEX, OCI_MANIFEST,
    PushedManifest,
};
pub use progress::Progress;
pub use pull::BlobStream;
pub use push::{PushOptions, Pushed};
pub use registry::{Registry, Wire};
pub use registry_protocol::client::Client;
pub use registry_protocol::digest;
pub use registry_protocol::types::*;
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use source::{FileSource, Source};
