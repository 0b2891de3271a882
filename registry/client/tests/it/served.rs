//! A registry in this process, on a port of its own.

use std::time::Duration;

use bytes::Bytes;
use registry::{Server, config, http::Drained};
use registry_client::runtime::HttpTransport;
use registry_client::{
    Builder, Digest, MediaType, Name, OCI_MANIFEST, PushOptions, Reference, Registry, RetryPolicy,
    Tag,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A registry that answers until it is stopped or dropped.
pub(crate) struct Served {
    pub(crate) host: String,
    pub(crate) registry: Registry,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Drained>,
}

/// Serves what lies in memory.
pub(crate) async fn serve() -> Served {
    serve_with("storage: {inmemory: {}, delete: {enabled: true}}").await
}

/// Serves with this in the configuration.
pub(crate) async fn serve_with(rest: &str) -> Served {
    let text = format!("version: 0.1\nhttp: {{addr: '127.0.0.1:0'}}\n{rest}\n");
    let config = config::parse(&text, "test").unwrap().config;
    let server = Server::bind(config).await.unwrap();
    let host = server.address().to_string();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    let registry = registry_at(&host);
    Served {
        host,
        registry,
        stop,
        running,
    }
}

impl Served {
    pub(crate) async fn stop(self) {
        drop(self.registry);
        drop(self.stop);
        self.running.await.unwrap();
    }
}

/// Tries often, and does not wait.
pub(crate) fn hasty() -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    policy.attempts = 50;
    policy.first = Duration::from_millis(1);
    policy.longest = Duration::from_millis(10);
    policy
}

/// For a real server behind a bad line: it may still be busy with the bytes that came before the cut, and
/// has to be given the time.
fn patient() -> RetryPolicy {
    let mut policy = hasty();
    policy.attempts = 30;
    policy.longest = Duration::from_secs(1);
    policy
}

pub(crate) fn builder(host: &str) -> Builder {
    Registry::builder(&format!("http://{host}")).retries(patient())
}

pub(crate) fn registry_at(host: &str) -> Registry<HttpTransport> {
    builder(host).build().unwrap()
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn tag(text: &str) -> Reference {
    Reference::Tag(Tag::parse(text).unwrap())
}

/// Bytes of which no two parts are alike.
pub(crate) fn bytes(len: usize) -> Bytes {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes.into()
}

/// Pushes a blob, and gives its digest.
pub(crate) async fn blob(registry: &Registry, repository: &str, bytes: &Bytes) -> Digest {
    let digest = Digest::sha256(bytes);
    registry
        .push_blob(&name(repository), &digest, bytes, &PushOptions::default())
        .await
        .unwrap();
    digest
}

/// Pushes an image of one layer, and gives its manifest.
pub(crate) async fn image(
    registry: &Registry,
    repository: &str,
    reference: &Reference,
    layer: &Bytes,
) -> Bytes {
    let config = blob(registry, repository, &Bytes::from_static(b"{}")).await;
    let digest = blob(registry, repository, layer).await;
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI_MANIFEST}",
            "config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":2}},
            "layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{digest}","size":{}}}]}}"#,
        layer.len()
    );
    let manifest = Bytes::from(manifest);
    registry
        .push_manifest(
            &name(repository),
            reference,
            &kind(OCI_MANIFEST),
            manifest.clone(),
        )
        .await
        .unwrap();
    manifest
}

pub(crate) fn kind(text: &str) -> MediaType {
    MediaType::parse(text).unwrap()
}
