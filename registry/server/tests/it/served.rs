//! A whole registry on a port of its own, for the tests of the API: what every module of them begins with.
//!
//! Two ways lead to it. The generated client says what a client program meets; [`Served::ask`] writes the
//! request as text, where a client could not express it, and holds every answer to what all answers have
//! in common.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use registry::{Server, config, http::Drained};
use registry_client::runtime::Error;
use registry_client::{
    BlobCreated, Client, Digest, Name, PutManifest, PutManifestCreated, PutManifestResponse,
    Reference, Tag, UploadBlob, UploadBlobResponse,
};
use registry_storage::driver::StorageDriver;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// In memory, and deletion is on.
pub(crate) const MEMORY: &str = "storage: {inmemory: {}, delete: {enabled: true}}";

/// What takes longer hangs, on whatever machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Waits for what must come, and fails if it does not.
pub(crate) async fn in_time<T>(what: impl Future<Output = T>) -> T {
    let outcome = tokio::time::timeout(PATIENCE, what).await;
    outcome.expect("it comes within a minute")
}

/// Reads until the server closes, which must come.
pub(crate) async fn read_all(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    in_time(stream.read_to_end(&mut bytes)).await.unwrap();
    bytes
}

/// A registry that answers until it is stopped or dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    /// What stands before the paths of the API, without a final slash.
    pub(crate) prefix: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Drained>,
}

/// Serves what lies in memory, with deletion.
pub(crate) async fn in_memory() -> Served {
    serve("", MEMORY).await
}

/// Serves with further keys of `http` and the rest of a configuration.
pub(crate) async fn serve(http: &str, rest: &str) -> Served {
    let text = format!("version: 0.1\nhttp: {{addr: '127.0.0.1:0', {http}}}\n{rest}\n");
    let config = config::parse(&text, "test").unwrap().config;
    let prefix = config.http.prefix.trim_end_matches('/').to_owned();
    run(Server::bind(config).await.unwrap(), prefix)
}

/// Serves what a driver holds, with deletion.
pub(crate) async fn serve_over(driver: Arc<dyn StorageDriver>) -> Served {
    let text = format!("version: 0.1\nhttp: {{addr: '127.0.0.1:0'}}\n{MEMORY}\n");
    let config = config::parse(&text, "test").unwrap().config;
    let server = Server::bind_over(driver, config).await.unwrap();
    run(server, String::new())
}

fn run(server: Server, prefix: String) -> Served {
    let address = server.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    Served {
        address,
        client: Client::new(&format!("http://{address}{prefix}")).unwrap(),
        prefix,
        stop,
        running,
    }
}

impl Served {
    /// Drains and ends it.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        assert_eq!(in_time(self.running).await.unwrap().cut, 0);
    }

    /// Stores a blob, whole, under its sha256.
    pub(crate) async fn blob(&self, name: &str, bytes: &'static [u8]) -> Digest {
        let digest = Digest::sha256(bytes);
        self.blob_as(name, bytes, digest.clone()).await;
        digest
    }

    /// Stores a blob, whole, under a digest of any algorithm.
    pub(crate) async fn blob_as(
        &self,
        name: &str,
        bytes: &'static [u8],
        digest: Digest,
    ) -> BlobCreated {
        let body = Bytes::from_static(bytes).into();
        let request = UploadBlob::new(self::name(name), digest, body);
        match self.client.upload_blob(request).await.unwrap() {
            UploadBlobResponse::Created(created) => created,
            UploadBlobResponse::Accepted(started) => panic!("not taken whole: {started:?}"),
        }
    }

    /// Stores a manifest under a tag or its digest.
    pub(crate) async fn manifest(
        &self,
        name: &str,
        reference: &str,
        manifest: &Value,
    ) -> PutManifestCreated {
        let request = put(name, reference, manifest);
        let PutManifestResponse::Created(created) =
            self.client.put_manifest(request).await.unwrap();
        created
    }

    /// Stores an image whose only content is `bytes`, and gives its digest.
    pub(crate) async fn image(&self, name: &str, tag: &str, bytes: &'static [u8]) -> Digest {
        let blob = self.blob(name, bytes).await;
        let image = image(&blob, bytes.len());
        self.manifest(name, tag, &image).await.docker_content_digest
    }

    /// Sends a request: its first line without the version, further header lines, a body as it is.
    pub(crate) async fn ask(&self, line: &str, headers: &str, body: &[u8]) -> Answer {
        let head =
            format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        let bytes = self.send(head.as_bytes(), body).await;
        let answer = Answer::parse(&bytes);
        answer.check(line.starts_with("HEAD "));
        answer
    }

    /// Sends bytes, and reads until the server closes.
    pub(crate) async fn send(&self, head: &[u8], body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut answer = Vec::new();
        in_time(async {
            stream.write_all(head).await.unwrap();
            // A server that has refused the head may have closed already.
            let _ = stream.write_all(body).await;
            let _ = stream.read_to_end(&mut answer).await;
        })
        .await;
        answer
    }
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no head: {}", String::from_utf8_lossy(bytes)));
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        };
        Self {
            status: status.parse().unwrap(),
            headers: lines.map(header).collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    /// The value of a header, its lines joined as HTTP joins them.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values = self.lines(name);
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The values of a header, one for each of its lines.
    pub(crate) fn lines(&self, name: &str) -> Vec<&str> {
        let of_name = self.headers.iter().filter(|(other, _)| other == name);
        of_name.map(|(_, value)| value.as_str()).collect()
    }

    /// The code of a failure.
    pub(crate) fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        body["errors"][0]["code"].as_str().unwrap().to_owned()
    }

    /// What all answers have in common.
    pub(crate) fn check(&self, is_head: bool) {
        let version = self.header("docker-distribution-api-version");
        assert_eq!(version.as_deref(), Some("registry/2.0"), "{self:?}");
        assert_eq!(self.header("x-content-type-options").unwrap(), "nosniff");
        assert!(self.header("x-request-id").is_some(), "{self:?}");
        let length = self.header("content-length");
        if is_head {
            assert!(self.body.is_empty(), "HEAD has no body: {self:?}");
        } else if matches!(self.status, 204 | 304) {
            assert!(length.is_none() && self.body.is_empty(), "{self:?}");
        } else {
            assert_eq!(length.unwrap(), self.body.len().to_string(), "{self:?}");
        }
        if self.status >= 400 && !is_head {
            assert_eq!(self.header("content-type").unwrap(), "application/json");
            let body: Value = serde_json::from_slice(&self.body).unwrap();
            let errors = body["errors"].as_array().unwrap();
            assert!(!errors.is_empty(), "{self:?}");
            assert!(errors.iter().all(|error| error["message"].is_string()));
        }
    }
}

/// The failure that an operation declares, which must have come.
pub(crate) fn declared<R: Debug, E: Debug>(outcome: Result<R, Error<E>>) -> E {
    match outcome {
        Err(Error::Declared(failure)) => failure,
        other => panic!("no declared failure: {other:?}"),
    }
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn tag(text: &str) -> Tag {
    Tag::parse(text).unwrap()
}

pub(crate) fn reference(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

/// A request that stores `manifest`, of the media type that it says.
pub(crate) fn put(name: &str, reference: &str, manifest: &Value) -> PutManifest {
    let bytes = serde_json::to_vec(manifest).unwrap().into();
    let mut request = PutManifest::new(self::name(name), self::reference(reference), bytes);
    request.content_type = manifest["mediaType"].as_str().map(str::to_owned);
    request
}

/// An image with one blob in all its places.
pub(crate) fn image(blob: &Digest, size: usize) -> Value {
    let blob =
        json!({"mediaType": "application/vnd.oci.empty.v1+json", "digest": blob, "size": size});
    json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": blob, "layers": [blob]})
}
