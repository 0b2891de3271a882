//! A client of registries.
//!
//! [`Client`] is generated from the API's descriptor: a method for each operation, on the types of
//! `registry-protocol`, which are at the root of this crate as well. Each operation has an enum of the
//! failures that it declares; an answer that is none of them is [`runtime::Error::Undeclared`].
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
//!
//! Nothing here logs in or tries again. Both are a [`runtime::Transport`] around the usual one, which sees
//! with each request what is called and what the caller must be allowed ([`runtime::CallInfo`]).

pub use api_runtime::client as runtime;
pub use api_runtime::{Body, BodyStream, CollectError, Etag, Location, NonEmpty, RangeSource, Uri};
pub use registry_protocol::client::Client;
pub use registry_protocol::digest;
pub use registry_protocol::types::*;
