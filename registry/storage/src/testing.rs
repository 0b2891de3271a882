//! What the tests of this crate share: storages, a clock that stands still, ids that count, content.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use registry_protocol::{Digest, MediaType, Name, Reference, Tag, UploadId};
use serde_json::{Value, json};

use crate::clock::{Clock, Ids};
use crate::domain::{
    Blob, BlobService, BlobUpload, ByteStream, Chunk, ManifestService, Namespace, PutManifest,
    StoredManifest, UploadOptions,
};
use crate::driver::{Durability, Filesystem, FilesystemOptions, Key, Memory, StorageDriver};
use crate::error::ManifestPutError;
use crate::local::Local;
use crate::options::Options;

pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A clock that stands still.
#[derive(Debug)]
pub(crate) struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_999).unwrap()
    }
}

#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Ids for Counting {
    fn upload_id(&self) -> UploadId {
        let next = self.0.fetch_add(1, Ordering::Relaxed);
        UploadId::parse(&format!("upload-{next}")).unwrap()
    }
}

/// Options with which everything is possible.
pub(crate) fn open_options() -> Options {
    Options {
        delete: true,
        ..Options::default()
    }
}

/// A registry over a driver, as one process after another opens it.
pub(crate) fn local(driver: &Arc<dyn StorageDriver>, options: Options) -> Local {
    let (clock, ids) = (Arc::new(Standing), Arc::new(Counting::default()));
    Local::with(Arc::clone(driver), options, clock, ids)
}

/// An empty storage in memory.
pub(crate) fn memory() -> Arc<dyn StorageDriver> {
    Arc::new(Memory::new(Arc::new(Standing)))
}

/// An empty storage of each kind, with what keeps it alive.
pub(crate) fn storages() -> Vec<(Arc<dyn StorageDriver>, Option<tempfile::TempDir>)> {
    let directory = tempfile::tempdir().unwrap();
    let options = FilesystemOptions::new(directory.path()).durability(Durability::None);
    let files = Arc::new(Filesystem::open(options).unwrap());
    vec![(memory(), None), (files, Some(directory))]
}

/// A registry in memory.
pub(crate) fn in_memory() -> Local {
    local(&memory(), open_options())
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn tag(text: &str) -> Tag {
    Tag::parse(text).unwrap()
}

pub(crate) fn media_type(text: &str) -> MediaType {
    MediaType::parse(text).unwrap()
}

pub(crate) fn blobs(local: &Local, repository: &str) -> Arc<dyn BlobService> {
    local.repository(&name(repository)).unwrap().blobs()
}

pub(crate) fn manifests(local: &Local, repository: &str) -> Arc<dyn ManifestService> {
    local.repository(&name(repository)).unwrap().manifests()
}

/// More than an upload keeps in memory.
pub(crate) fn long() -> Vec<u8> {
    (0..=250).cycle().take(200_000).collect()
}

/// Some bytes, in pieces of a few.
pub(crate) fn body(bytes: impl AsRef<[u8]>) -> ByteStream {
    let pieces: Vec<_> = bytes
        .as_ref()
        .chunks(7)
        .map(Bytes::copy_from_slice)
        .collect();
    futures_util::stream::iter(pieces.into_iter().map(Ok)).boxed()
}

/// Some bytes, and then the connection breaks.
pub(crate) fn broken(bytes: impl AsRef<[u8]>) -> ByteStream {
    let end = futures_util::stream::iter([Err(io::Error::from(io::ErrorKind::UnexpectedEof))]);
    body(bytes).chain(end).boxed()
}

pub(crate) fn chunk(bytes: impl AsRef<[u8]>) -> Chunk {
    Chunk::new(body(bytes), None)
}

pub(crate) async fn start(blobs: &Arc<dyn BlobService>) -> Box<dyn BlobUpload> {
    blobs.start(UploadOptions::default()).await.unwrap()
}

/// Pushes a blob in one go.
pub(crate) async fn push_blob(local: &Local, repository: &str, content: &[u8]) -> Digest {
    let mut upload = start(&blobs(local, repository)).await;
    upload.write(chunk(content)).await.unwrap();
    let digest = Digest::sha256(content);
    upload.finish(digest.clone()).await.unwrap();
    digest
}

pub(crate) async fn contents(blob: Box<dyn Blob>) -> Vec<u8> {
    let pieces: Vec<Bytes> = blob.read(0..blob.length()).try_collect().await.unwrap();
    pieces.concat()
}

/// A descriptor in JSON.
pub(crate) fn descriptor(media_type: &str, content: &[u8]) -> Value {
    let digest = Digest::sha256(content);
    json!({"mediaType": media_type, "digest": digest.as_str(), "size": content.len()})
}

/// An image manifest of a configuration and layers.
pub(crate) fn image(config: &[u8], layers: &[&[u8]]) -> Value {
    let layers = layers.iter().map(|layer| descriptor(OCI_LAYER, layer));
    json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": descriptor(OCI_CONFIG, config),
        "layers": layers.collect::<Vec<_>>(),
    })
}

/// An index of manifests.
pub(crate) fn index(children: &[Value]) -> Value {
    let children = children
        .iter()
        .map(|child| descriptor(OCI_MANIFEST, &bytes(child)));
    let children: Vec<Value> = children.collect();
    json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children})
}

pub(crate) fn bytes(document: &Value) -> Bytes {
    Bytes::from(serde_json::to_vec(document).unwrap())
}

pub(crate) fn digest(document: &Value) -> Digest {
    Digest::sha256(&bytes(document))
}

pub(crate) async fn put(
    manifests: &Arc<dyn ManifestService>,
    reference: &str,
    document: &Value,
) -> Result<StoredManifest, ManifestPutError> {
    let reference = Reference::parse(reference).unwrap();
    let manifest = PutManifest::new(reference, None, bytes(document));
    manifests.put(manifest).await
}

/// Pushes an image of one layer under a tag.
pub(crate) async fn push_image(local: &Local, repository: &str, tag: &str, layer: &str) -> Value {
    push_blob(local, repository, b"{}").await;
    push_blob(local, repository, layer.as_bytes()).await;
    let image = image(b"{}", &[layer.as_bytes()]);
    put(&manifests(local, repository), tag, &image)
        .await
        .unwrap();
    image
}

/// A key with one of its segments named otherwise.
pub(crate) fn renamed(key: &Key, from: &str, to: &str) -> Key {
    let segments = key.segments();
    Key::from_segments(segments.map(|segment| if segment == from { to } else { segment })).unwrap()
}
