//! The generated client before a server that answers anything: each call ends in a value or an error.

use api_runtime::client::{Conditions, RangeRequest, Transport, TransportError};
use api_runtime::{Body, Etag};
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use registry_protocol::client::Client;
use registry_protocol::{
    CheckApi, Digest, GetBlob, GetBlobResponse, GetManifest, GetUpload, ListReferrers,
    ListRepositories, ListTags, Reference, StartUpload, UploadId,
};

use crate::block_on;
use crate::manifest::{BLOB, name, tag};

/// More is read of no body.
const LIMIT: u64 = 1 << 20;

/// So many pages are fetched: the server may never come to an end.
const PAGES: usize = 3;

/// The first line is a status, then come headers, an empty line and the body of every answer.
pub fn responses(bytes: &[u8]) {
    let Some(server) = Server::parse(bytes) else {
        return;
    };
    block_on(async {
        let client = Client::with_transport("http://127.0.0.1:5000", server);
        let client = client.expect("the URL is a good one");
        read_content(&client).await;
        read_lists(&client).await;
        let _ = client.start_upload(StartUpload::new(name())).await;
        let id = UploadId::parse("an-upload").expect("it is the name of an upload");
        let _ = client.get_upload(GetUpload::new(name(), id.clone())).await;
        let _ = client.head_get_upload(GetUpload::new(name(), id)).await;
    });
}

async fn read_content(client: &Client<Server>) {
    let (manifest, blob) = (
        GetManifest::new(name(), Reference::Tag(tag())),
        GetBlob::new(name(), Digest::sha256(BLOB)),
    );
    let tag = Etag::strong("a").expect("a letter is a tag");
    let conditions = Conditions::new().if_none_match([&tag]);
    let _ = client.head_check_api(CheckApi::new()).await;
    let _ = client.get_manifest(manifest.clone()).await;
    let _ = client.head_get_manifest(manifest.clone()).await;
    let _ = client.get_manifest_if(manifest, &conditions).await;
    if let Ok(GetBlobResponse::Ok(answer)) = client.get_blob(blob.clone()).await {
        let _ = answer.body.collect(LIMIT).await;
    }
    let _ = client.head_get_blob(blob.clone()).await;
    let _ = client.get_blob_if(blob.clone(), &conditions).await;
    for range in [RangeRequest::from(1), RangeRequest::between(0, 9)] {
        let _ = client.get_blob_range(blob.clone(), &range).await;
    }
}

async fn read_lists(client: &Client<Server>) {
    let tags = client.list_tags_pages(ListTags::new(name()));
    assert!(tags.take(PAGES).count().await <= PAGES);
    let names = client.list_repositories_pages(ListRepositories::new());
    assert!(names.take(PAGES).count().await <= PAGES);
    let asked = ListReferrers::new(name(), Digest::sha256(BLOB));
    let _ = client.list_referrers(asked).await;
}

/// Gives the same answer to whatever it is asked.
struct Server {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Server {
    /// None where it is no answer that HTTP knows.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(2).position(|it| it == b"\n\n");
        let head = String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned();
        let body = end.map_or(&[][..], |end| &bytes[end + 2..]);
        let mut lines = head.lines();
        let status = lines.next()?.parse().ok()?;
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':')?;
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value.trim()).ok()?))
        });
        Some(Self {
            status: StatusCode::from_u16(status).ok()?,
            headers: headers.collect::<Option<_>>()?,
            body: Bytes::copy_from_slice(body),
        })
    }
}

impl Transport for Server {
    async fn send(&self, _: Request<Body>) -> Result<Response<Body>, TransportError> {
        let mut answer = Response::new(Body::from(self.body.clone()));
        *answer.status_mut() = self.status;
        answer.headers_mut().extend(
            self.headers
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        Ok(answer)
    }
}
