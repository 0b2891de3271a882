//! Copies an image, or an index with all its images, from one repository to another.
//!
//! What a manifest refers to is copied before it, so that nothing half-made is ever visible; the tag comes
//! last. Within one registry blobs are mounted. Whatever the target has already is not sent, and a manifest
//! that it has is taken to be whole.

use std::collections::BTreeSet;
use std::io;

use api_runtime::BodyStream;
use api_runtime::client::Transport;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use registry_protocol::{Digest, MediaType, Name, Reference};
use serde::Deserialize;

use crate::error::Error;
use crate::manifest::{Manifest, PushedManifest};
use crate::push::PushOptions;
use crate::registry::Registry;
use crate::source::Source;

/// How deep indexes may lie within indexes.
const MAX_DEPTH: usize = 8;

/// How many blobs are copied at once by default.
const AT_ONCE: usize = 4;

/// A repository of a registry.
#[derive(Debug)]
pub struct Repository<'a, T: Transport> {
    /// The registry.
    pub registry: &'a Registry<T>,
    /// The repository's name.
    pub name: &'a Name,
}

/// How an image is copied.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CopyOptions {
    /// How many blobs are copied at once; 4 by default, at least 1.
    pub at_once: usize,
    /// As [`PushOptions::chunk`].
    pub chunk: Option<u64>,
}

impl Default for CopyOptions {
    fn default() -> Self {
        Self {
            at_once: AT_ONCE,
            chunk: None,
        }
    }
}

/// What a manifest refers to. Some write `null` for an empty list.
#[derive(Deserialize)]
struct Contents {
    config: Option<Part>,
    layers: Option<Vec<Part>>,
    /// Of an artifact.
    blobs: Option<Vec<Part>>,
    manifests: Option<Vec<Part>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    media_type: Option<String>,
    digest: Digest,
    size: u64,
    urls: Option<Vec<String>>,
}

impl Part {
    /// Whether a registry need not have it, because it is had elsewhere.
    fn is_elsewhere(&self) -> bool {
        let kind = self.media_type.as_deref().unwrap_or_default();
        let has_urls = self.urls.as_ref().is_some_and(|urls| !urls.is_empty());
        has_urls && (kind.contains("nondistributable") || kind.contains(".foreign."))
    }
}

/// Copies what `reference` stands for in `from` to `to`, and gives it the name `target` there: a tag, or its
/// digest.
pub async fn copy<F: Transport, T: Transport>(
    from: Repository<'_, F>,
    reference: &Reference,
    to: Repository<'_, T>,
    target: &Reference,
    options: &CopyOptions,
) -> Result<PushedManifest, Error> {
    let manifest = from.registry.pull_manifest(from.name, reference).await?;
    let copying = Copying {
        is_same: from.registry.is_same(to.registry),
        from,
        to,
        options,
    };
    copying.contents(&manifest, MAX_DEPTH).await?;
    copying.put(manifest, target).await
}

struct Copying<'a, F: Transport, T: Transport> {
    from: Repository<'a, F>,
    to: Repository<'a, T>,
    options: &'a CopyOptions,
    is_same: bool,
}

impl<F: Transport, T: Transport> Copying<'_, F, T> {
    /// Copies what a manifest refers to.
    async fn contents(&self, manifest: &Manifest, depth: usize) -> Result<(), Error> {
        let contents: Contents =
            serde_json::from_slice(&manifest.bytes).map_err(Error::unexpected)?;
        let mut seen = BTreeSet::new();
        let blobs = contents.layers.iter().chain(&contents.blobs).flatten();
        // Made before they are begun, or the compiler loses sight of the lifetime.
        let copies: Vec<_> = contents
            .config
            .iter()
            .chain(blobs)
            .filter(|part| !part.is_elsewhere() && seen.insert(&part.digest))
            .map(|part| self.blob(part))
            .collect();
        stream::iter(copies)
            .buffer_unordered(self.options.at_once.max(1))
            .try_collect::<()>()
            .await?;
        for part in contents.manifests.iter().flatten() {
            self.manifest(part, depth).await?;
        }
        Ok(())
    }

    fn manifest<'s>(&'s self, part: &'s Part, depth: usize) -> BoxFuture<'s, Result<(), Error>> {
        async move {
            let Some(depth) = depth.checked_sub(1) else {
                return Err(Error::unexpected("indexes within indexes, too deep"));
            };
            let reference = Reference::Digest(part.digest.clone());
            let Repository { registry, name } = &self.to;
            if registry.head_manifest(name, &reference).await?.is_some() {
                return Ok(());
            }
            let Repository { registry, name } = &self.from;
            let manifest = registry.pull_manifest(name, &reference).await?;
            self.contents(&manifest, depth).await?;
            self.put(manifest, &reference).await.map(drop)
        }
        .boxed()
    }

    async fn put(&self, manifest: Manifest, target: &Reference) -> Result<PushedManifest, Error> {
        let media_type = MediaType::parse(&manifest.media_type).map_err(Error::unexpected)?;
        let Repository { registry, name } = &self.to;
        registry
            .push_manifest(name, target, &media_type, manifest.bytes)
            .await
    }

    async fn blob(&self, part: &Part) -> Result<(), Error> {
        let source = Remote {
            registry: self.from.registry.clone(),
            name: self.from.name.clone(),
            digest: part.digest.clone(),
            size: part.size,
        };
        let options = PushOptions {
            mount_from: self.is_same.then(|| self.from.name.clone()),
            chunk: self.options.chunk,
            ..PushOptions::default()
        };
        let Repository { registry, name } = &self.to;
        let pushed = registry.push_blob(name, &part.digest, &source, &options);
        pushed.await.map(drop)
    }
}

/// A blob of a registry, to be pushed to another. The other one checks its digest.
struct Remote<T: Transport> {
    registry: Registry<T>,
    name: Name,
    digest: Digest,
    size: u64,
}

impl<T: Transport> Source for Remote<T> {
    fn size(&self) -> u64 {
        self.size
    }

    fn open(&self, offset: u64) -> BoxFuture<'_, io::Result<BodyStream>> {
        async move {
            let rest = self
                .registry
                .pull_rest(&self.name, &self.digest, self.size, offset);
            let rest = rest.await.map_err(io::Error::other)?;
            Ok(rest.map_err(io::Error::other).boxed())
        }
        .boxed()
    }
}
