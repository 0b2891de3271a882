//! A storage that hands out its files itself: where `GET` of a blob is redirected there.

use std::sync::Arc;

use bytes::Bytes;
use registry_client::{BlobElsewhere, Digest, GetBlob, GetBlobError, GetBlobResponse};
use registry_storage::driver::{
    AppendOptions, Appender, Capability, DeleteOptions, Key, ListOptions, Listing, Memory, Pending,
    PutOptions, ReadOptions, Reader, RedirectOptions, RenameOptions, Stat, StorageDriver,
};

use super::served::{Served, declared, name, serve_over};

/// A storage in memory of whose files there are URLs, each good for one method, as signed ones are.
#[derive(Debug, Default)]
struct Elsewhere(Memory);

impl StorageDriver for Elsewhere {
    fn name(&self) -> &'static str {
        "elsewhere"
    }

    fn can(&self, capability: Capability) -> bool {
        capability == Capability::RedirectUrl || self.0.can(capability)
    }

    fn read<'a>(&'a self, key: &'a Key, options: ReadOptions) -> Pending<'a, Bytes> {
        self.0.read(key, options)
    }

    fn open<'a>(&'a self, key: &'a Key) -> Pending<'a, Arc<dyn Reader>> {
        self.0.open(key)
    }

    fn stat<'a>(&'a self, key: &'a Key) -> Pending<'a, Stat> {
        self.0.stat(key)
    }

    fn list<'a>(&'a self, key: &'a Key, options: ListOptions) -> Pending<'a, Listing> {
        self.0.list(key, options)
    }

    fn put<'a>(&'a self, key: &'a Key, content: Bytes, options: PutOptions) -> Pending<'a, ()> {
        self.0.put(key, content, options)
    }

    fn append<'a>(
        &'a self,
        key: &'a Key,
        options: AppendOptions,
    ) -> Pending<'a, Box<dyn Appender>> {
        self.0.append(key, options)
    }

    fn rename<'a>(&'a self, from: &'a Key, to: &'a Key, options: RenameOptions) -> Pending<'a, ()> {
        self.0.rename(from, to, options)
    }

    fn delete<'a>(&'a self, key: &'a Key) -> Pending<'a, ()> {
        self.0.delete(key)
    }

    fn delete_tree<'a>(&'a self, key: &'a Key, options: DeleteOptions) -> Pending<'a, ()> {
        self.0.delete_tree(key, options)
    }

    fn redirect_url<'a>(
        &'a self,
        key: &'a Key,
        options: RedirectOptions,
    ) -> Pending<'a, Option<String>> {
        let method = &options.method;
        let url = format!("https://bucket.example/{key}?signed-for={method}");
        Box::pin(std::future::ready(Ok(Some(url))))
    }
}

async fn served() -> (Served, Digest) {
    let served = serve_over(Arc::new(Elsewhere::default())).await;
    let digest = served.blob("team/app", b"0123456789").await;
    (served, digest)
}

#[tokio::test]
async fn a_blob_is_fetched_where_it_is() {
    let (served, digest) = served().await;
    for range in ["", "Range: bytes=2-4\r\n"] {
        let line = format!("GET /v2/team/app/blobs/{digest}");
        let answer = served.ask(&line, range, b"").await;
        assert_eq!(answer.status, 307);
        assert_eq!(
            answer.header("docker-content-digest").as_deref(),
            Some(digest.as_str())
        );
        let location = answer.header("location").unwrap();
        assert!(
            location.starts_with("https://bucket.example/"),
            "{location}"
        );
        assert!(location.ends_with("/data?signed-for=GET"), "{location}");
    }
    let found = served
        .client
        .get_blob(GetBlob::new(name("team/app"), digest));
    let found = found.await.unwrap();
    assert!(
        matches!(&found, GetBlobResponse::TemporaryRedirect(BlobElsewhere { location, .. })
            if location.as_str().starts_with("https://bucket.example/")),
        "{found:?}"
    );
    let unknown = GetBlob::new(name("team/app"), Digest::sha256(b"other"));
    let unknown = declared(served.client.get_blob(unknown).await);
    assert!(matches!(unknown, GetBlobError::BlobUnknown(_)));
    served.stop().await;
}

#[tokio::test]
async fn what_head_asks_of_a_blob_is_answered_by_the_registry() {
    let (served, digest) = served().await;
    let line = format!("HEAD /v2/team/app/blobs/{digest}");
    let answer = served.ask(&line, "", b"").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-length").unwrap(), "10");
    assert_eq!(
        answer.header("docker-content-digest").as_deref(),
        Some(digest.as_str())
    );
    let etag = answer.header("etag").unwrap();
    let unchanged = served
        .ask(&line, &format!("If-None-Match: {etag}\r\n"), b"")
        .await;
    assert_eq!(unchanged.status, 304);
    let other = Digest::sha256(b"other");
    let unknown = served
        .ask(&format!("HEAD /v2/team/app/blobs/{other}"), "", b"")
        .await;
    assert_eq!(unknown.status, 404);
    served.stop().await;
}
